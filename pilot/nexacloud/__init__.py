"""NexaCloud, a small hosting company: its database, its own billing, and its usage agent."""
