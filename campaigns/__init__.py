"""The way out: audience, planning, drafting, review and delivery. Imports releases and templates."""
