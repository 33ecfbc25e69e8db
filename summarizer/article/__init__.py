"""Pages and feeds: from an address or from HTML to the article's text."""
