"""Materials (材料): what an applicant hands in for a case, against the checklist of its item."""
