"""Who: clients, contacts, lists, consent, suppression, unsubscribe and import."""
