"""Out: batches, messages, quota and the door to Amazon SES."""
