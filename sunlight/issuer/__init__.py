"""The built-in issuer (OpenID Connect): for installations without a provider of their own."""
