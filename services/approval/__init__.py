"""Administrative approval (行政审批): the case from receipt to delivery.

Must never import another service.
"""
