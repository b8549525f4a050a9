"""What shipped: products, releases, issues and frozen snapshots, read from Jira. Imports nothing of ours."""
