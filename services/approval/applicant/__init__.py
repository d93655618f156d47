"""The applicant (申请人): who asks an office for something."""
