"""How people and their roles are written in lists."""

from django import template

from ..people import listing

register = template.Library()
register.filter("in_short", listing.in_short)
