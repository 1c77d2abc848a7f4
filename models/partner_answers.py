"""Answers about many partners at once, and about none."""


class PartnerAnswers(dict):
    """A dict from partner id to an answer, which also knows what to say of nobody.

    A new document has no customer yet, and whoever fills it in may empty the field
    again: nobody is asked about as often as somebody. An unsaved contact is nobody yet.

    :param nobody: the answer where there is no partner
    """

    def __init__(self, answers, nobody):
        """Take the answers by partner id, and the one about nobody."""
        super().__init__(answers)
        self.nobody = nobody

    def __missing__(self, partner_id):
        """Answer about nobody; an id that was not asked about remains a KeyError."""
        if partner_id:
            raise KeyError(partner_id)
        return self.nobody
