"""The other sides of bench/send.py, written as their own documentation shows them."""
