"""What came back: events, figures, the guard and alerts. Imports campaigns."""
