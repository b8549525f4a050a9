"""E-mail templates (MJML, numbered and frozen) and, under html/, every page. Imports nothing of ours."""
