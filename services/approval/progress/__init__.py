"""How a case stands, for its applicant: asked by case number and query code, without a login."""
