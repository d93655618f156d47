"""The organisation (机构): bodies, windows, posts, who holds a post when, and who leads whom."""
