"""What the pytest plugin does once it is asked for: cases of a report, items, one analysis a session."""
