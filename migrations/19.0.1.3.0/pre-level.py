OLD = "The customer is in temporary difficulty (incagliato)."
NEW = (
    "The customer is unlikely to pay in full by himself (“inadempienza probabile”, once"
    " “incagliato”)."
)


def migrate(cr, version):
    """Say what the level is called now, where nobody has described it otherwise.

    Before the translations of the new words are loaded.
    """
    cr.execute(
        """
        UPDATE credit_block_level
           SET description = jsonb_build_object('en_US', %s)
         WHERE description->>'en_US' = %s
        """,
        [NEW, OLD],
    )
