"""Linting the OpenAPI description by redocly and spectral (`make check-api`)."""
