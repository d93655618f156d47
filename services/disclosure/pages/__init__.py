"""The public site: pages that work without JavaScript, feeds and open data."""
