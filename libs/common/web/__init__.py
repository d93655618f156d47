"""HTTP edge shared by every service: app factory, problems, paging, idempotency, page shell."""
