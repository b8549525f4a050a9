"""Yes or no: comments, preflight, renditions and approvals."""
