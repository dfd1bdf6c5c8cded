"""Mails that go out: reminders, notices, and the worker that sends them."""
