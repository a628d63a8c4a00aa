"""Pushes an app's usage counters to the billing system, each exactly once."""
