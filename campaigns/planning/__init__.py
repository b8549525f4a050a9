"""When: cadences, campaigns and their e-mails, planned, moved, held and cancelled."""
