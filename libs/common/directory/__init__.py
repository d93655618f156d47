"""What the organisation and the catalogue of items call things, as each service has heard of it.

Approval keeps both and tells them as events; others keep this projection of the names.
"""
