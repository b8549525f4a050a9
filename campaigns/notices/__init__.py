"""Tell people: what happened that concerns them, in the page and by mail, once."""
