"""How addresses are written on pages."""

from incentives.templatetags.portal import breakable


def test_an_address_breaks_between_its_parts_and_stays_text():
    assert breakable("susie.jones@fabrikam.com") == "susie<wbr>.jones@<wbr>fabrikam<wbr>.com"
    assert breakable("<b>@x") == "&lt;b&gt;@<wbr>x"
    assert breakable("") == ""
