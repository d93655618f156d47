"""Imported history (历史数据): tenders that another system keeps, taken over with their events."""
