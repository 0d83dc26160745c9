import pytest
from django.core.exceptions import ValidationError

from engagements import customer_ids


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("domain", "Contoso.COM", "contoso.com"),
        ("domain", " contoso.com. ", "contoso.com"),
        ("domain", "müllerbräu.example", "xn--mllerbru-6za7u.example"),
        ("domain", "Straße.example", "xn--strae-oqa.example"),
        ("domain", "STRASSE.example", "strasse.example"),
        ("domain", "日本語。example", "xn--wgv71a119e.example"),
        ("domain", "XN--N3H.example", "xn--n3h.example"),
        ("domain", "r3---sn.example", "r3---sn.example"),
        ("tenant", "{72F988BF-86F1-41AF-91AB-2D7CD011DB47}", "72f988bf-86f1-41af-91ab-2d7cd011db47"),
        ("subscription", "72f988bf-86f1-41af-91ab-2d7cd011db47", "72f988bf-86f1-41af-91ab-2d7cd011db47"),
        ("tpid", "0008789005", "8789005"),
        ("opportunity", "opp-12345678", "OPP-12345678"),
    ],
)
def test_an_id_has_one_spelling(kind, typed, stored):
    assert customer_ids.normalize(kind, typed) == stored


@pytest.mark.parametrize(
    ("kind", "typed", "advice"),
    [
        ("domain", "https://contoso.com", "without “https://”"),
        ("domain", "susie@contoso.com", "without the part before “@”"),
        ("domain", "www.contoso.com", "without “www.”"),
        ("domain", "contoso.com/about", "without a path"),
        ("domain", "contoso.com:443", "without a path, port"),
        ("domain", "contoso", "with its suffix"),
        ("domain", "192.168.0.1", "with its suffix"),
        ("domain", "con..toso.com", "not a domain"),
        ("domain", "a" * 300 + ".com", "not a domain"),
        ("domain", "contoso\x00.com", "not a domain"),
        ("domain", "ｗｗｗ.contoso.com", "not a domain"),
        ("domain", "\u200dcontoso.com", "not a domain"),
        ("domain", "ü" * 60 + ".com", "not a domain"),
        ("domain", "\ud800.com", "not a domain"),
        ("tenant", "72f988bf", "five groups"),
        ("tenant", "72f988bf86f141af91ab2d7cd011db47", "five groups"),
        ("tpid", "87a", "digits only"),
        ("tpid", "９９９", "digits only"),
        ("opportunity", "7-1", "6 to 20"),
    ],
)
def test_a_wrong_id_is_refused_with_what_to_change(kind, typed, advice):
    with pytest.raises(ValidationError) as refusal:
        customer_ids.normalize(kind, typed)
    assert advice in refusal.value.messages[0]
