"""Disclosure (信息公开): what the law says must be public, published from the others' events.

Must never import another service.
"""
