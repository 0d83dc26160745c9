"""Finding claims by what people remember of them: words of names and IDs, each by its beginning."""

from typing import Any, TypeVar

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from incentives.listing import fold

Claims = TypeVar("Claims", bound=QuerySet[Any])


def find(claims: Claims, words: str) -> Claims:
    """Those that carry every word in name, customer, partner or ID; a number is also tried as Claim ID."""
    plain = fold(words).replace("'", " ").replace("\\", " ").replace("\0", " ")
    lexemes = [word for word in plain.split() if any(letter.isalnum() for letter in word)]
    if not lexemes:
        return claims.none()
    # Quoted, so that a domain name stays the one word that PostgreSQL made of it.
    query = " & ".join(f"'{word}':*" for word in lexemes)
    found = Q(search_vector=SearchQuery(query, search_type="raw", config="simple"))
    number = words.strip()
    if number.isascii() and number.isdigit() and len(number) < 18:
        found |= Q(pk=int(number))
    return claims.filter(found)


def find_customers(words: str) -> Q:
    """Customers whose name or ID holds these words."""
    return Q(organization__name__icontains=words) | Q(value__icontains=words)
