from lxml import etree

from odoo.tests import TransactionCase, tagged

# Of these Odoo adds conditions to conditions, as "(before) or (added)".
CONDITIONS = {"column_invisible", "invisible", "readonly", "required", "t-if", "t-elif"}
LISTS = {"class", "groups"}


@tagged("post_install", "-at_install", "shop")
class TestCoreViews(TransactionCase):
    """Other addons find the elements of Odoo's views as Odoo has made them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ours = cls._get_our_views().filtered("inherit_id")
        cls.extended = (cls._get_roots(cls.ours) - cls._get_our_views()).sorted("id")

    @classmethod
    def _get_our_views(cls):
        known = cls.env["ir.model.data"].search(
            [("module", "=like", "account_credit_block%"), ("model", "=", "ir.ui.view")]
        )
        return cls.env["ir.ui.view"].browse(known.mapped("res_id"))

    @classmethod
    def _get_roots(cls, views):
        """The views that these extend, up to those that extend nothing."""
        roots = views.browse()
        while views:
            roots |= views.inherit_id
            views = views.inherit_id.filtered("inherit_id")
        return roots

    def test_nothing_of_odoo_s_views_is_renamed_removed_or_replaced(self):
        self.assertGreater(len(self.extended), 10)
        after = {view: self._combine(view) for view in self.extended}
        self.ours.active = False
        for view in self.extended:
            with self.subTest(view=view.xml_id):
                lost = find_lost(self._combine(view), after[view])
                self.assertFalse(lost, f"{view.xml_id} has lost {lost}")

    def _combine(self, view):
        view.env.registry.clear_cache("templates")
        return view._get_combined_arch()

    def test_a_name_that_goes_is_noticed(self):
        before = "<form><a name='one' invisible='x'/><b><c/></b></form>"
        for kept in (
            before,
            "<form><n/><a name='one' invisible='(x) or (y)'/>"
            "<b class='k'><n/><c/></b></form>",
        ):
            self.assertFalse(find_lost(*map(etree.fromstring, (before, kept))))
        for changed in (
            before.replace("one", "two"),
            before.replace("invisible='x'", "invisible='y'"),
            before.replace("invisible='x'", ""),
            before.replace("<c/>", ""),
            "<form><b><c/></b><a name='one' invisible='x'/></form>",
        ):
            with self.subTest(changed=changed):
                self.assertTrue(find_lost(*map(etree.fromstring, (before, changed))))


def find_lost(before, after):
    """Return the first element that is not the same any more, but for what was added.

    :return: the element as a text, or None
    """
    if not is_kept(before, after):
        return get_text(before)
    rest = after.iterchildren(etree.Element)
    for child in before.iterchildren(etree.Element):
        # In the same order: an element found later leaves none before it unmatched.
        if not any(find_lost(child, candidate) is None for candidate in rest):
            return get_lost_of_namesake(child, after)
    return None


def get_lost_of_namesake(child, after):
    """Say what a child has lost inside, if it is there itself."""
    for candidate in after.iterchildren(child.tag):
        if is_kept(child, candidate):
            return find_lost(child, candidate) or get_text(child)
    return get_text(child)


def is_kept(before, after):
    """Say whether an element has its name and all its attributes."""
    return before.tag == after.tag and all(
        keeps(name, value, after.get(name)) for name, value in before.items()
    )


def keeps(name, before, after):
    """Say whether the value of an attribute is the same, or was added to."""
    if after is None or after == before:
        return after == before
    if name in CONDITIONS:
        return f"({before})" in after
    if name in LISTS:
        return set(before.replace(",", " ").split()) <= set(
            after.replace(",", " ").split()
        )
    return False


def get_text(element):
    """Return the opening of an element as it stands in its view."""
    shown = etree.Element(element.tag, dict(element.attrib))
    return etree.tostring(shown, encoding="unicode")
