"""What members do, one verb a file. No printing, no prompting, no reading of the clock."""
