from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL

from .. import said
from ..reference_form import normal, normal_sql
from . import match_rules
from .account_payment_return_line import COLLECTED, STANDING, WAITING
from .match_rules import Claim, Collection, Index, Instalment, Outcome, Wanted

# Two lists of the same bank tell the same thing, whatever the program that saved it,
# and a periodic statement tells the days again.
FAMILIES = {"xlsx": "csv", "cbi.ec": "cbi.rh"}
# Of so many payments of the customers concerned the nearest ones are proposed.
MAX_NEAR = 5000


class AccountPaymentReturnMatch(models.AbstractModel):
    """Finds the payments of return lines, many at once.

    The rules are in ``match_rules``; here is what they need from the database and
    what their answers write. Everything is loaded by one search a table, whatever
    the number of lines.
    """

    _name = "account.payment.return.match"
    _description = "Matching of Payment Returns"

    @api.model
    def _match(self, lines):
        """Find the payments of draft return lines that have none.

        Lines with a payment, duplicates and lines set aside stay as they are. A
        payment that is gone, or has nothing left to give, is none; a duplicate of what
        is gone, was set aside or waits where it cannot be matched is looked at anew.

        :param lines: ``account.payment.return.line``
        :return: the lines looked at, and those made of rejected batches
        """
        lines = lines.filtered(self._is_looked_at)
        lines = self._drop_gone(lines)
        if not lines:
            return lines
        wanted = self._prepare_wanted(lines)
        outcomes, told = self._find_known(lines, wanted)
        rest = lines.filtered(lambda line: line not in outcomes)
        index = self._load_by_keys([wanted[line] for line in rest])
        outcomes.update(self._decide(rest, wanted, index))
        lost = rest.filtered(
            lambda line: (
                line.scope == "payment"
                and outcomes[line].state == "unmatched"
                and not outcomes[line].key
            )
        )
        outcomes.update(self._decide_lost(lost, wanted, index))
        outcomes.update(
            {
                line: known
                for line, known in told.items()
                if line in outcomes and self._is_lost(outcomes[line], known)
            }
        )
        outcomes.update(self._propose_nearest(rest, outcomes, wanted))
        made = self._expand_groups(rest, wanted, index)
        self._write_outcomes(outcomes, wanted)
        self._doubt_debits(outcomes, wanted)
        return lines | made

    def _is_looked_at(self, line):
        """Whether the matching may say something new of a line."""
        if line.state != "draft" or line.match_state == "skipped":
            return False
        if line.match_state != "duplicate":
            return True
        first = line.sudo().duplicate_line_id
        gone = not first or first.state == "cancelled"
        return gone or not self._speaks_for(first, line)

    def _speaks_for(self, first, line):
        """Whether what an earlier line is holds for one that tells the same.

        Not where a person asks again about what another one set aside, nor while the
        first one waits in a company that cannot match all that ours can.
        """
        if first.match_state == "skipped":
            return line.match_state != "duplicate"
        waits = first.match_state in WAITING
        ours, company = line.return_id.company_id, first.return_id.company_id
        return not waits or line._is_within(ours, company)

    def _is_lost(self, outcome, known):
        """Whether nothing better is found of a line than that it was told before.

        What a person can choose is better than an earlier line that waits elsewhere.
        """
        first = self.env["account.payment.return.line"].browse(known.repeats.line_id)
        waits = first.sudo().match_state in WAITING
        return outcome.state in (("unmatched",) if waits else WAITING)

    def _drop_gone(self, lines):
        """Forget payments that are gone or spent, and take those that fit again.

        :return: the lines without a payment
        """
        given = lines.filtered(lambda line: line.move_line_id or line.payment_id)
        doubtful = given.filtered(
            lambda line: line.match_state != "matched" or not line._has_collection()
        )
        if not doubtful:
            return lines - given
        left = doubtful._find_left()
        gone = doubtful.filtered(
            lambda line: (
                not line._has_collection()
                or line.currency_id.compare_amounts(left[line.id].amount, 0) <= 0
            )
        )
        kept = doubtful - gone
        beside = kept._find_left_beside()
        for line in kept:
            problem = line._get_problem(beside[line.id].amount)
            line._write_said(
                {
                    "match_state": "unmatched" if problem else "matched",
                    "match_said": problem or line._get_fitting_note(),
                }
            )
        gone.write(
            {
                "move_line_id": False,
                "payment_id": False,
                "invoice_line_ids": [Command.clear()],
            }
        )
        return lines - given + gone

    # ---- what is wanted --------------------------------------------------------

    @api.model
    def _prepare_wanted(self, lines):
        """What the bank told about each line, as the rules read it.

        :return: dict from line to ``Wanted``
        """
        by_code = self._find_customers(lines)
        return {
            line: self._prepare_wanted_line(
                line,
                frozenset(
                    partner_id
                    for code in (line.partner_vat, line.partner_iban)
                    for partner_id in by_code.get(self._clean_code(code), ())
                ),
            )
            for line in lines
        }

    def _prepare_wanted_line(self, line, customers):
        texts = (line.reference, line.texts, line.reason_text)
        exact = (line.end_to_end_id, line.reference, line.instruction_id)
        ids = (line.end_to_end_id, line.reference)
        payment_return = line.return_id
        amount, currency = line._get_told()
        return Wanted(
            root_id=payment_return.company_id.root_id.id,
            company_id=payment_return.company_id.id,
            journal_id=payment_return.journal_id.id,
            ids=tuple(dict.fromkeys(text.strip() for text in ids if text)),
            instruction_id=line.instruction_id or "",
            mandate=line.mandate_reference or "",
            words=frozenset(text.strip() for text in exact if text),
            tokens=match_rules.tokens(texts),
            spaced=match_rules.spaced(texts),
            end_to_end_id=line.end_to_end_id or "",
            reference=line.reference or "",
            doubt=bool(line.doubt),
            code=self._clean_code(line.partner_vat),
            amount=amount,
            currency_id=currency.id,
            due=line.due_date or None,
            day=line.date or payment_return.date,
            kind=line.kind,
            family=self._get_family(payment_return),
            vat=line.partner_vat or "",
            iban=line.partner_iban or "",
            name=match_rules.clean_name(line.partner_name),
            scope=line.scope,
            batch_id=line.batch_id or "",
            message_id=line.original_message_id or "",
            customers=customers,
        )

    @api.model
    def _get_family(self, payment_return):
        """The kind of file a return came from; "" when it was entered by hand."""
        name = payment_return.file_format or ""
        return FAMILIES.get(name, name)

    @api.model
    def _clean_code(self, code):
        """A tax code or IBAN without blanks and, for Italian VAT, without country."""
        code = "".join((code or "").split()).upper()
        return code[2:] if code[:2] == "IT" and len(code) == 13 else code

    def _find_customers(self, lines):
        """The customers that the tax codes and IBANs of the lines belong to.

        :return: dict from cleaned code to a set of commercial partner ids
        """
        vats = {self._clean_code(line.partner_vat) for line in lines} - {""}
        ibans = {self._clean_code(line.partner_iban) for line in lines} - {""}
        found = {}
        for code, partner in self._search_vats(vats) + self._search_ibans(ibans):
            found.setdefault(code, set()).add(partner.commercial_partner_id.id)
        return found

    def _search_vats(self, vats):
        """Pairs of tax code and partner; the Italian code where its field exists."""
        if not vats:
            return []
        partners = self.env["res.partner"].with_context(active_test=False)
        names = self._get_code_names()
        values = [*vats, *(f"IT{vat}" for vat in vats)]
        found = partners.search_fetch(
            Domain.OR(Domain(name, "in", values) for name in names),
            [*names, "commercial_partner_id"],
            order="id",
        )
        return [
            (self._clean_code(partner[name]), partner)
            for partner in found
            for name in names
            if partner[name]
        ]

    @api.model
    def _get_code_names(self):
        """The fields of a tax code; the Italian one where its addon is there."""
        names = ("vat", "l10n_it_codice_fiscale")
        return [name for name in names if name in self.env["res.partner"]._fields]

    def _search_ibans(self, ibans):
        if not ibans:
            return []
        banks = self.env["res.partner.bank"].with_context(active_test=False)
        found = banks.search_fetch(
            Domain("sanitized_acc_number", "in", list(ibans)),
            ["sanitized_acc_number", "partner_id"],
            order="id",
        )
        return [(bank.sanitized_acc_number, bank.partner_id) for bank in found]

    # ---- what is known already -------------------------------------------------

    def _find_known(self, lines, wanted):
        """Lines that were told before, or that are no return at all.

        :return: two dicts from line to ``Outcome``: what is sure, and what is so when
            no payment is found
        """
        known = self._search_keys(lines)
        sure, unsure = {}, {}
        new = lines.browse()
        for line in lines:
            key = self._get_root(line), line.unique_key
            first = known.setdefault(key, line) if line.unique_key else line
            if line.reason_id.outcome == "paid":
                sure[line] = Outcome("skipped", "paid")
            elif first == line:
                new |= line
            else:
                found = sure if self._speaks_for(first, line) else unsure
                found[line] = self._repeat(first, "message")
        for line, first in self._find_told(new, wanted).items():
            speaks = not first._has_collection() and self._speaks_for(first, line)
            found = sure if speaks else unsure
            found[line] = self._repeat(first, "told")
        return sure, unsure

    def _repeat(self, first, key):
        """The outcome of a line that tells again what an earlier one told.

        :param key: "message" for the very line of the bank, else "told"
        """
        claim = self._prepare_claim(first, ())
        return Outcome("duplicate", key, repeats=claim)

    def _search_keys(self, lines):
        """The first line, of other returns, that carries each bank key.

        Not what tells these lines again: they were there before.

        :return: dict from (root company, bank key) to line
        """
        keys = [line.unique_key for line in lines if line.unique_key]
        if not keys:
            return {}
        found = lines.sudo().search_fetch(
            [
                ("unique_key", "in", keys),
                ("company_id", "child_of", lines.company_id.root_id.ids),
                ("state", "!=", "cancelled"),
                ("id", "not in", lines.ids),
                ("duplicate_line_id", "not in", lines.ids),
            ],
            ["unique_key", "company_id"],
            order="id desc",
        )
        return {(self._get_root(line), line.unique_key): line for line in found}

    def _get_root(self, line):
        """The company at the top, under which a bank's message is told once."""
        return line.company_id.root_id.sudo(False)

    def _prepare_claim(self, line, instalments):
        payment_return = line.return_id
        return Claim(
            line_id=line.id,
            source=payment_return.name,
            family=self._get_family(payment_return),
            amount=line.amount,
            day=line.date or payment_return.date,
            instalments=frozenset(instalments),
            draft=line.state == "draft",
        )

    def _find_told(self, lines, wanted):
        """The earlier lines, of other returns, that tell the same.

        :return: dict from line to line
        """
        lines = lines.filtered(lambda line: line.scope == "payment")
        by_form = self._search_told(lines)
        found = {}
        for line in lines.sorted("id"):
            first = next(
                (
                    other
                    for form in self._get_told_forms(line)
                    for other in by_form.get((self._get_root(line), form), ())
                    if other not in found and self._tells_again(line, other, wanted)
                ),
                None,
            )
            if first:
                found[line] = first
        return found

    def _tells_again(self, line, first, wanted):
        """Whether a line tells again what an earlier one told, in another return."""
        returns = (each.return_id for each in (first, line))
        sources = {each.split_from_id or each for each in returns}
        if first.id >= line.id or len(sources) < 2:
            return False
        told = wanted.get(first) or self._prepare_wanted_line(first, frozenset())
        return match_rules.tells_again(told, wanted[line])

    def _get_told_forms(self, line):
        forms = map(normal, (line.end_to_end_id, line.reference))
        return list(dict.fromkeys(filter(None, forms)))

    def _search_told(self, lines):
        """All lines that carry a reference of some lines, the first one first.

        Not what is a duplicate itself, nor what the bank called paid.

        :return: dict from (root company, normal form) to list of lines
        """
        forms = {form for line in lines for form in self._get_told_forms(line)}
        if not forms:
            return {}
        known = lines.sudo().search_fetch(
            Domain("scope", "=", "payment")
            & Domain("state", "!=", "cancelled")
            & Domain("match_state", "!=", "duplicate")
            & Domain("company_id", "child_of", lines.company_id.root_id.ids)
            & self._get_forms_domain(
                lines, dict.fromkeys(("end_to_end_id", "reference"), forms)
            ),
            order="id",
        )
        found = {}
        for line in known.filtered(lambda line: line.reason_id.outcome != "paid"):
            for form in self._get_told_forms(line):
                key = self._get_root(line), form
                found.setdefault(key, []).append(line)
        return found

    # ---- decisions -------------------------------------------------------------

    def _decide(self, lines, wanted, index):
        """Ask the rules line by line; a match takes its part of the collection.

        :return: dict from line to ``Outcome``
        """
        outcomes = {}
        for line in lines.filtered(lambda ln: ln.scope == "payment"):
            outcome = match_rules.decide(wanted[line], index)
            outcomes[line] = outcome
            if outcome.state == "matched":
                self._claim(line, outcome, wanted[line])
        return outcomes

    def _claim(self, line, outcome, wanted):
        claim = Claim(
            line_id=line.id,
            source=line.return_id.name,
            family=wanted.family,
            amount=outcome.collection.express(wanted) or outcome.collection.free,
            day=wanted.day,
            instalments=frozenset(outcome.instalments),
            draft=True,
        )
        outcome.collection.claims.append(claim)

    def _doubt_debits(self, outcomes, wanted):
        """Leave to choose what one debit of the bank may be, with its fee or others.

        The rules look at line by line: this at what was written of all of them.
        """
        left = {
            line: outcome.collection.left
            for line, outcome in outcomes.items()
            if outcome.state == "matched" and outcome.collection.left.others
        }
        lines = self.env["account.payment.return.line"].union(*left)
        for line, debits in lines._get_debits().items():
            day, currency = wanted[line].day, line.currency_id
            entries = match_rules.find_others(left[line], debits, day, currency)
            if entries:
                line._leave_to_choose(entries)

    def _decide_lost(self, lines, wanted, index):
        """Second look, by customer and amount, at what no reference leads to.

        :return: dict from line to ``Outcome``
        """
        if not lines:
            return {}
        index = self._load_by_money([wanted[line] for line in lines], index)
        outcomes = self._decide(lines, wanted, index)
        for line, outcome in outcomes.items():
            if outcome.state == "unmatched" and not outcome.key:
                outcomes[line] = self._propose(wanted[line], index) or outcome
        return outcomes

    def _propose(self, wanted, index):
        """What a person may choose from; None when nothing comes near."""
        against = match_rules.find_contradicted(wanted, index)
        if against:
            return Outcome("ambiguous", "contradicted", candidates=against)
        hits = match_rules.propose(wanted, index)
        return Outcome("ambiguous", "amount", candidates=hits) if hits else None

    # ---- nothing found: the customer's payments ----------------------------------

    def _propose_nearest(self, lines, outcomes, wanted):
        """What a person may choose where nothing fits: what the same customer paid.

        The customer is whoever was entered, has the tax code or IBAN told, or is called
        as the debtor. Nothing of it is ever chosen by itself.

        :return: dict from line to its ``Outcome``, with candidates
        """
        lost = lines.filtered(
            lambda line: line.scope == "payment" and outcomes[line].state == "unmatched"
        )
        people = self._find_people(lost, wanted)
        found = self._load_nearest(people, wanted) if people else []
        near = {
            line: match_rules.find_nearest(wanted[line], found, ids)
            for line, ids in people.items()
        }
        return {
            line: match_rules.add_candidates(outcomes[line], hits)
            for line, hits in near.items()
        }

    def _find_people(self, lines, wanted):
        """The customers that lines without a payment name.

        :return: dict from line to ids of commercial partners, where there are any
        """
        known = {
            line: {*wanted[line].customers, *line.partner_id.commercial_partner_id.ids}
            for line in lines
        }
        keys = {
            line: match_rules.get_name_key(line.partner_name)
            for line, ids in known.items()
            if not ids
        }
        by_name = self._search_names(set(keys.values()) - {frozenset()}, wanted)
        for line, key in keys.items():
            known[line] = by_name.get(key, set())
        return {line: ids for line, ids in known.items() if ids}

    def _search_names(self, keys, wanted):
        """Who paid of late and is called so.

        :param keys: see `match_rules.get_name_key`
        :return: dict from key to ids of commercial partners
        """
        if not keys:
            return {}
        partners = self.env["res.partner"]
        for domain, records in self._get_paid_domains(wanted.values()):
            groups = records._read_group(domain, ["partner_id"])
            partners = partners.union(*(partner for (partner,) in groups))
        self._fetch(partners, "name commercial_partner_id")
        self._fetch(partners.commercial_partner_id, "name")
        found = {}
        for partner in partners:
            for name in (partner.name, partner.commercial_partner_id.name):
                key = match_rules.get_name_key(name)
                if key in keys:
                    ids = found.setdefault(key, set())
                    ids.add(partner.commercial_partner_id.id)
        return found

    def _get_paid_domains(self, wanted):
        """What customers paid of late, that may come back.

        :return: pairs of domain and model: payments, and items of bank transactions
        """
        wanted = list(wanted)
        since = Domain("date", ">=", self._get_oldest_day(wanted))
        is_open = Domain("state", "in", STANDING)
        payments = self._get_payment_domain(wanted) & is_open & since
        return (
            (payments, self.env["account.payment"]),
            (
                self._get_transaction_domain(wanted) & since,
                self.env["account.move.line"],
            ),
        )

    def _get_transaction_domain(self, wanted):
        """What bank transactions put on the customers' accounts."""
        return Domain(
            [
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("statement_line_id", "!=", False),
                ("balance", "<", 0),
                ("company_id", "child_of", list({item.root_id for item in wanted})),
            ]
        )

    def _load_nearest(self, people, wanted):
        """The collections of customers that are nearest to what each line tells.

        :param people: dict from line to ids of commercial partners
        :return: list of ``Collection``
        """
        ids = set().union(*people.values())
        theirs = Domain("partner_id.commercial_partner_id", "in", list(ids))
        told = [wanted[line] for line in people]
        (payments, _p), (items, _i) = (
            (self._pick_nearest(domain & theirs, records, people, wanted), records)
            for domain, records in self._get_paid_domains(told)
        )
        return self._load_collections(payments, items.ids, told)

    def _pick_nearest(self, domain, records, people, wanted):
        """Of what some customers paid as many as may be proposed, a line."""
        amount = "amount" if records._name == "account.payment" else "amount_currency"
        found = records.search_fetch(
            domain,
            ["partner_id", "currency_id", "date", amount],
            order="date desc, id desc",
            limit=MAX_NEAR,
        )
        self._fetch(found.partner_id, "commercial_partner_id")
        by_customer = found.grouped(lambda r: r.partner_id.commercial_partner_id.id)
        picked = records.browse()
        for line, ids in people.items():
            told, day = wanted[line], wanted[line].due or wanted[line].day

            def get_distance(record, told=told, day=day):
                same = record.currency_id.id == told.currency_id
                value = abs(record[amount]) if same else None
                return match_rules.get_distance(told.amount, value, day, record.date)

            theirs = [record for id_ in ids for record in by_customer.get(id_, ())]
            nearest = sorted(theirs, key=get_distance)[: match_rules.MAX_CANDIDATES]
            picked = picked.union(*nearest)
        return picked

    @api.model
    def _find_banks(self, lines):
        """The banks of the payments that some lines lead to; nothing is written.

        :param lines: ``account.payment.return.line``, also new ones
        :return: ``account.journal``
        """
        wanted = self._prepare_wanted(lines)
        index = self._load_by_keys(list(wanted.values()))
        outcomes = self._decide(lines, wanted, index)
        lost = [line for line, found in outcomes.items() if found.state == "unmatched"]
        outcomes.update(self._decide_lost(lines.browse().union(*lost), wanted, index))
        hits = [found.collection for found in outcomes.values() if found.collection]
        for line in lines.filtered(lambda ln: ln.scope != "payment"):
            good, _claims, doubts = match_rules.decide_group(wanted[line], index)
            hits += [*good, *doubts]
        banks = self.env["account.journal"].browse({hit.journal_id for hit in hits})
        return banks.filtered(lambda bank: bank.type == "bank")

    # ---- rejected batches and files --------------------------------------------

    def _expand_groups(self, lines, wanted, index):
        """Make one line of each collection of a rejected batch or file.

        The bank's own line stays, set aside: only its collections count.

        :return: the lines made
        """
        vals_list = []
        for line in lines.filtered(lambda ln: ln.scope != "payment"):
            good, claims, doubts = match_rules.decide_group(wanted[line], index)
            vals_list += self._prepare_group_lines(line, good, doubts, wanted[line])
            line._write_said(self._prepare_group_values(line, [*good, *doubts], claims))
        if not vals_list:
            return lines.browse()
        with lines._filling_in_by_odoo():
            return lines.create(vals_list)

    def _prepare_group_lines(self, line, collections, doubts, wanted):
        """Values of a line for each collection of a rejected batch or file.

        :param doubts: dict from those that may have come back to the entry that tells
        """
        names = (
            "kind due_date date value_date texts reason_code reason_text batch_id "
            "original_message_id instruction_id"
        )
        common = {name: line[name] for name in names.split()}
        vals_list = []
        for number, hit in enumerate([*collections, *doubts]):
            outcome = self._get_group_outcome(hit, doubts.get(hit), wanted)
            vals_list.append(
                {
                    **common,
                    **self._prepare_group_outcome(outcome, wanted),
                    "return_id": line.return_id.id,
                    "reason_id": line.reason_id.id,
                    "reference": hit.end_to_end_id or hit.label,
                    "end_to_end_id": hit.end_to_end_id,
                    "mandate_reference": hit.mandate,
                    "amount": hit.free,
                    # What the bank takes for the batch is booked once.
                    "fee_amount": self._convert_fee(line, hit) if not number else 0.0,
                    "unique_key": line.unique_key
                    and f"{line.unique_key}|{hit.item_id}|{hit.payment_id}",
                }
            )
            if outcome.state == "matched":
                self._claim(line, outcome, wanted)
        return vals_list

    def _get_group_outcome(self, hit, entry, wanted):
        if entry:
            return Outcome("ambiguous", wanted.scope, candidates=(hit,), repeats=entry)
        return Outcome("matched", wanted.scope, hit, match_rules.get_named(hit, wanted))

    def _prepare_group_outcome(self, outcome, wanted):
        links = {n: [Command.set(ids)] for n, ids in self._get_links(outcome).items()}
        if outcome.state == "matched":
            return {**self._prepare_matched_values(outcome), **links}
        hit = outcome.candidates[0]
        return {
            "partner_id": hit.partner.id,
            "currency_id": hit.currency.id,
            "match_state": "ambiguous",
            "match_said": self._get_note(outcome, wanted),
            **links,
        }

    def _prepare_group_values(self, line, collections, claims):
        if collections:
            return {
                "match_state": "skipped",
                "fee_amount": 0.0,
                "match_said": said.say("match.group", count=len(collections)),
            }
        if claims:
            return {
                "match_state": "duplicate",
                "duplicate_line_id": claims[0].line_id or False,
                "match_said": said.say("match.group_known", name=claims[0].source),
            }
        return {
            "match_state": "unmatched",
            "match_said": said.say(
                "match.no_batch",
                reference=line.batch_id or line.original_message_id or line.reference,
            ),
        }

    # ---- loading ---------------------------------------------------------------

    def _get_payment_domain(self, wanted):
        """Customer payments of the companies concerned, also those that came back.

        A payment that came back in full is how a repeated return is recognised.
        """
        return Domain(
            [
                ("payment_type", "=", "inbound"),
                ("partner_type", "=", "customer"),
                ("state", "in", COLLECTED),
                ("company_id", "child_of", list({item.root_id for item in wanted})),
            ]
        )

    def _load_by_keys(self, wanted):
        """The collections that the references of some returns may mean.

        :param wanted: list of ``Wanted``
        :return: ``Index``
        """
        if not wanted:
            return Index([])
        names = {name for item in wanted for name in item.names}
        texts = {text for item in wanted for text in (*item.ids, item.instruction_id)}
        long = {text for item in wanted for text in item.words | item.tokens}
        cut = {form for text in long for form in match_rules.cut_forms(text)}
        keys = {
            "end_to_end_id": set(map(normal, texts)) | cut,
            "mandate_reference": {normal(item.mandate) for item in wanted},
            "name": set(map(normal, names)),
            "memo": set(map(normal, names)) | cut,
            "collection_batch_id": {
                normal(item.batch_id) for item in wanted if item.scope == "batch"
            },
            "collection_message_id": {
                normal(item.message_id) for item in wanted if item.scope == "message"
            },
        }
        prefixes = {normal(text) for text in long if match_rules.can_be_cut(text)}
        domain = self._get_forms_domain(
            self.env["account.payment"],
            keys,
            dict.fromkeys(("end_to_end_id", "memo"), prefixes),
        )
        payments = self._search_payments(self._get_payment_domain(wanted) & domain)
        item_ids, more = self._search_invoices(wanted, names)
        return Index(self._load_collections(payments | more, item_ids, wanted))

    def _get_forms_domain(self, records, forms, prefixes=None):
        """Records one of whose fields has one of some references, in normal form.

        One subquery a field: each of them goes by the index on its normal form.

        :param forms: dict from field name to normal forms
        :param prefixes: dict from field name to beginnings of normal forms
        """
        records.flush_model([*forms, *(prefixes or {})])
        table = SQL.identifier(records._table)
        queries = [
            SQL("SELECT id FROM %s WHERE %s = ANY(%s)", table, column, list(wanted))
            for column, wanted in self._get_form_columns(forms)
        ] + [
            SQL(
                "SELECT id FROM %(table)s JOIN UNNEST(%(cut)s) AS cut(form)"
                " ON %(column)s >= cut.form AND %(column)s < cut.form || %(last)s",
                table=table,
                cut=list(wanted),
                column=column,
                last="\uffff",
            )
            for column, wanted in self._get_form_columns(prefixes or {})
        ]
        if not queries:
            return Domain.FALSE
        return Domain("id", "in", SQL("(%s)", SQL(" UNION ").join(queries)))

    def _get_form_columns(self, forms):
        """Pairs of the SQL of a field's normal form, and what is looked for in it."""
        return [
            (SQL(normal_sql(name)), wanted - {""})
            for name, wanted in forms.items()
            if wanted - {""}
        ]

    def _search_payments(self, domain):
        return self.env["account.payment"].search_fetch(domain, ["move_id"], order="id")

    def _search_invoices(self, wanted, names):
        """Who paid the invoices that carry one of the names.

        :return: (ids of the items that paid them, payments without a journal entry)
        """
        none = [], self.env["account.payment"]
        if not names:
            return none
        forms = set(map(normal, names))
        invoices = self.env["account.move"].search_fetch(
            Domain(
                [
                    ("move_type", "in", ("out_invoice", "out_receipt")),
                    ("state", "=", "posted"),
                    ("company_id", "child_of", list({w.root_id for w in wanted})),
                ]
            )
            & self._get_forms_domain(
                self.env["account.move"],
                dict.fromkeys(("name", "payment_reference", "ref"), forms),
            ),
            ["matched_payment_ids"],
            order="id",
        )
        if not invoices:
            return none
        partials = self.env["account.partial.reconcile"].search_fetch(
            [("debit_move_id.move_id", "in", invoices.ids)],
            ["credit_move_id"],
            order="id",
        )
        without_entry = self._search_payments(
            self._get_payment_domain(wanted)
            & Domain("id", "in", invoices.matched_payment_ids.ids)
            & Domain("move_id", "=", False)
        )
        return partials.credit_move_id.ids, without_entry

    def _load_by_money(self, wanted, index):
        """Add the collections that only the customer, the day or the amount tell.

        :param wanted: list of ``Wanted``
        :param index: the ``Index`` of what is loaded already, with its claims
        :return: a new ``Index`` of both
        """
        amounts = list({item.amount for item in wanted if item.amount})
        dues = list({item.due for item in wanted if item.due})
        customers = list({partner for item in wanted for partner in item.customers})
        oldest = self._get_oldest_day(wanted)
        known = Domain("partner_id.commercial_partner_id", "in", customers)
        domain = (Domain("amount", "in", amounts) & Domain("date", ">=", oldest)) | (
            known & Domain("date", "in", dues)
        )
        payments = self._search_payments(self._get_payment_domain(wanted) & domain)
        items = self.env["account.move.line"].search_fetch(
            self._get_transaction_domain(wanted)
            & Domain("amount_currency", "in", [-amount for amount in amounts])
            & known,
            ["move_id"],
            order="id",
        )
        found = self._load_collections(payments, items.ids, wanted)
        loaded = {(hit.item_id, hit.payment_id) for hit in index.collections}
        more = [hit for hit in found if (hit.item_id, hit.payment_id) not in loaded]
        return Index([*index.collections, *more])

    def _get_oldest_day(self, wanted):
        days = [day for item in wanted for day in (item.due, item.day) if day]
        return fields.Date.subtract(min(days), days=match_rules.PROPOSAL_DAYS)

    def _load_collections(self, payments, item_ids, wanted):
        """Everything the rules need to know about some payments, table by table.

        :param payments: ``account.payment``
        :param item_ids: ids of receivable items that paid an invoice
        :param wanted: list of ``Wanted``
        :return: list of ``Collection``
        """
        items = self._search_items(payments, item_ids)
        pairs = self.env["account.payment.return.pair"]._find(payments, items)
        groups = items.union(
            *map(self.env["account.payment.return.pair"]._get_group, pairs.values())
        )
        if groups - items:
            items |= self._search_items(payments.browse(), (groups - items).ids)
        payments = self._fetch(
            payments.union(items.payment_id, *pairs),
            "name state amount date memo partner_id currency_id company_id journal_id "
            "move_id end_to_end_id mandate_reference collection_batch_id "
            "collection_message_id",
        )
        partners = payments.partner_id | items.partner_id
        self._fetch(partners, "name commercial_partner_id")
        codes = " ".join(["name", *self._get_code_names()])
        self._fetch(partners.commercial_partner_id, codes)
        found = self._prepare_items(items, pairs)
        alone = payments.filtered(lambda p: not p.move_id and p not in pairs)
        parts = self._load_linked_instalments(alone)
        found += [self._prepare_payment(p, parts.get(p.id, ())) for p in alone]
        self._load_left(found)
        self._load_claims(found)
        self._load_brought(found, wanted)
        return found

    def _prepare_items(self, items, pairs):
        """The collections of receivable items: one a payment, and what else they paid.

        :param pairs: dict from payment without an entry to the item that brought it
        :return: list of ``Collection``
        """
        parts = self._load_instalments(items)
        by_group = {}
        for payment, item in pairs.items():
            group = self.env["account.payment.return.pair"]._get_group(item)
            by_group.setdefault(group, []).append(payment)
        found = []
        for group, payments in by_group.items():
            of_group = [part for item in group for part in parts.get(item.id, ())]
            found += self._prepare_pairs(group, payments, pairs, of_group)
        alone = items - items.browse().union(*by_group)
        return found + [
            self._prepare_item(item, parts.get(item.id, ()), item.payment_id)
            for item in alone
        ]

    def _prepare_pairs(self, group, payments, pairs, parts):
        """The collections of a bank transaction that brought some payments' money.

        :param group: what it put on the customer's account
        :param pairs: dict from payment to the item that is its own
        :param parts: list of ``Instalment``
        """
        item, found = group[:1], []
        amount = abs(sum(group.mapped("amount_currency")))
        for payment in payments:
            mine = self._get_parts_of(payment, parts)
            parts = [part for part in parts if part not in mine]
            amount -= self.env["account.payment.return.pair"]._get_share(payment, group)
            found.append(self._prepare_item(pairs[payment], mine, payment))
        if item.currency_id.compare_amounts(amount, 0) > 0:
            nobody = item.payment_id
            found.append(self._prepare_item(item, tuple(parts), nobody, amount))
        return found

    def _get_parts_of(self, payment, parts):
        invoices = set(payment.invoice_ids.line_ids.ids)
        return tuple(part for part in parts if part.line_id in invoices)

    def _load_left(self, collections):
        """Tell each collection what of it the books say can come back."""
        keys = {hit: self._get_target(hit) for hit in collections}
        left = self.env["account.payment.return.left"]._find(
            list(keys.values()), with_others=True
        )
        for hit, key in keys.items():
            hit.left = left[key]
            hit.claims += map(match_rules.book, hit.left.entries)

    def _get_target(self, hit):
        item = self.env["account.move.line"].browse(hit.item_id or ())
        return item, self.env["account.payment"].browse(hit.payment_id or ())

    def _load_brought(self, collections, wanted):
        """Tell each collection what it is in the other currencies that banks speak."""
        lines = self.env["account.payment.return.line"]
        told = lines.currency_id.browse({w.currency_id for w in wanted if w.amount})
        for hit in collections:
            for currency in told - hit.currency:
                item = lines.move_line_id.browse(hit.item_id or ())
                payment = lines.payment_id.browse(hit.payment_id or ())
                amount = lines._get_brought(item, payment, currency)
                if amount:
                    hit.brought[currency.id] = amount, currency

    def _fetch(self, records, names):
        """Read fields of any number of records with one query.

        The cache alone would read a thousand at a time.
        """
        if not records:
            return records
        return records.with_context(active_test=False).search_fetch(
            [("id", "in", records.ids)], names.split(), order="id"
        )

    def _search_items(self, payments, item_ids):
        """The receivable items of payments and bank transactions.

        Credit notes and other entries that paid an invoice are not collections.
        """
        domain = Domain("id", "in", item_ids) | Domain(
            "move_id", "in", payments.move_id.ids
        )
        return self.env["account.move.line"].search_fetch(
            domain
            & Domain(
                [
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("balance", "<", 0),
                ]
            )
            & (
                Domain("statement_line_id", "!=", False)
                | Domain("payment_id.partner_type", "=", "customer")
            ),
            [
                "payment_id",
                "move_id",
                "move_name",
                "partner_id",
                "amount_currency",
                "currency_id",
                "company_id",
                "journal_id",
                "date",
                "statement_line_id",
            ],
            order="id",
        )

    def _load_instalments(self, items):
        """What each item paid.

        :return: dict from item id to a tuple of ``Instalment``
        """
        partials = self.env["account.partial.reconcile"].search_fetch(
            [
                ("credit_move_id", "in", items.ids),
                (
                    "debit_move_id.move_id.move_type",
                    "in",
                    ("out_invoice", "out_receipt"),
                ),
            ],
            ["credit_move_id", "debit_move_id", "credit_amount_currency"],
            order="id",
        )
        debts = self._fetch(partials.debit_move_id, "move_id date_maturity")
        self._fetch(debts.move_id, "name payment_reference ref commercial_partner_id")
        parts = {}
        for partial in partials:
            part = self._prepare_instalment(
                partial.debit_move_id, partial.credit_amount_currency
            )
            parts.setdefault(partial.credit_move_id.id, []).append(part)
        return {item_id: tuple(found) for item_id, found in parts.items()}

    def _load_linked_instalments(self, payments):
        """The instalments of the invoices linked to payments without an entry.

        :return: dict from payment id to a tuple of ``Instalment``
        """
        if not payments:
            return {}
        debts = self.env["account.move.line"].search_fetch(
            [
                ("move_id", "in", payments.invoice_ids.ids),
                ("account_type", "=", "asset_receivable"),
            ],
            ["move_id", "date_maturity", "amount_currency"],
            order="id",
        )
        by_move = debts.grouped("move_id")
        return {
            payment.id: tuple(
                self._prepare_instalment(debt, debt.amount_currency)
                for move in payment.invoice_ids
                for debt in by_move.get(move, ())
            )
            for payment in payments
        }

    def _prepare_instalment(self, debt, amount):
        move = debt.move_id
        names = (move.name, move.payment_reference, move.ref)
        return Instalment(
            line_id=debt.id,
            due=debt.date_maturity or None,
            amount=amount,
            names=frozenset(name.strip() for name in names if name),
            partner_id=move.commercial_partner_id.id,
            partner_name=move.commercial_partner_id.name or "",
        )

    def _get_codes(self, partner):
        """The tax codes of a customer, cleaned."""
        partner = partner.commercial_partner_id
        codes = (partner[name] for name in self._get_code_names())
        return frozenset(self._clean_code(code) for code in codes if code)

    def _prepare_item(self, item, instalments, payment, most=None):
        """A receivable item, with its payment or the one whose money it brought.

        :param most: what of the item is of no other payment
        """
        left = self.env["account.payment.return.left"]
        amount = left._get_collected(item, payment)
        return Collection(
            item_id=item.id,
            label=payment.name or item.move_name or "",
            company=item.company_id,
            partner=payment.partner_id or item.partner_id,
            codes=self._get_codes(payment.partner_id or item.partner_id),
            currency=item.currency_id,
            journal_id=(payment.journal_id or item.journal_id).id,
            day=item.date,
            amount=amount if most is None else min(amount, most),
            pair=bool(payment and not payment.move_id),
            open=not payment or payment.state in STANDING,
            names=frozenset(filter(None, (payment.name, item.move_name))),
            instalments=instalments,
            **self._prepare_payment_keys(payment),
        )

    def _prepare_payment(self, payment, instalments):
        return Collection(
            item_id=False,
            label=payment.name or payment.memo or "",
            company=payment.company_id,
            partner=payment.partner_id,
            codes=self._get_codes(payment.partner_id),
            currency=payment.currency_id,
            journal_id=payment.journal_id.id,
            day=payment.date,
            amount=payment.amount,
            open=payment.state in STANDING,
            names=frozenset(filter(None, (payment.name,))),
            instalments=instalments,
            **self._prepare_payment_keys(payment),
        )

    def _prepare_payment_keys(self, payment):
        return {
            "payment_id": payment.id,
            "end_to_end_id": payment.end_to_end_id or "",
            "mandate": payment.mandate_reference or "",
            "memo": (payment.memo or "").strip(),
            "batch_id": payment.collection_batch_id or "",
            "message_id": payment.collection_message_id or "",
        }

    def _load_claims(self, collections):
        """Tell each collection which returns already take it back."""
        by_item = {hit.item_id: hit for hit in collections if hit.pair}
        by_item.update({h.item_id: h for h in collections if not h.payment_id})
        by_payment = {hit.payment_id: hit for hit in collections if hit.payment_id}
        # Also the returns of a sibling company that the user does not see.
        lines = self.env["account.payment.return.line"].sudo()
        found = lines.search_fetch(
            Domain("match_state", "=", "matched")
            & Domain("state", "in", ("draft", "confirmed"))
            & (
                Domain("move_line_id", "in", list(by_item))
                | Domain("payment_id", "in", list(by_payment))
            ),
            ["move_line_id", "payment_id", "amount", "date", "state", "return_id"],
            order="id",
        )
        for line in found:
            hit = by_payment.get(line.payment_id.id) or by_item[line.move_line_id.id]
            hit.claims.append(self._prepare_claim(line, line.invoice_line_ids.ids))

    # ---- writing ---------------------------------------------------------------

    def _write_outcomes(self, outcomes, wanted):
        """Write the answers on their lines, all together."""
        lines = self.env["account.payment.return.line"].union(*outcomes)
        values, links = {}, {name: [] for name in self._get_links(Outcome(""))}
        for line, outcome in outcomes.items():
            values[line] = self._prepare_values(line, outcome, wanted[line])
            for name, ids in self._get_links(outcome).items():
                links[name].append((line, [Command.set(ids)]))
        self._write_values(lines, values)
        for name, commands in links.items():
            lines._write_links(name, commands)

    def _write_values(self, lines, values):
        """Write different values on each line, with the checks made once.

        A thousand calls of `write` would check access and company a thousand times:
        that is most of the time of an import.

        :param values: dict from line to its values
        """
        lines.check_access("write")
        names = list({name for of_line in values.values() for name in of_line})
        fields_ = [lines._fields[name] for name in names]
        computed = [field for field in fields_ if field.compute]
        with self.env.protecting(computed, lines):
            for line, of_line in values.items():
                for name, value in of_line.items():
                    lines._fields[name].write(line, value)
            lines.modified(names)
        lines._check_company(names)
        lines._check_companies()

    def _get_links(self, outcome):
        """The ids behind the many2many fields of a line."""
        hits = outcome.candidates
        if outcome.state == "duplicate" and outcome.collection:
            hits = (outcome.collection,)
        by_item = [hit for hit in hits if hit.item_id and not hit.pair]
        return {
            "invoice_line_ids": outcome.instalments,
            "candidate_line_ids": [hit.item_id for hit in by_item],
            "candidate_payment_ids": [h.payment_id for h in hits if h not in by_item],
        }

    def _prepare_values(self, line, outcome, wanted):
        """Values of the line for an answer."""
        values = {}
        if outcome.repeats or line.duplicate_line_id:
            first = outcome.repeats
            values["duplicate_line_id"] = bool(first) and first.line_id
        if outcome.state == "matched":
            return {
                **values,
                **self._prepare_matched_values(outcome),
                **self._prepare_amounts(line, outcome.collection, wanted),
            }
        values |= {
            "match_state": outcome.state,
            "match_said": line._say_doubt(self._get_note(outcome, wanted)),
        }
        if outcome.collection:
            values["partner_id"] = outcome.collection.partner.id
        return values

    def _prepare_amounts(self, line, hit, wanted):
        """The amounts of a matched line where they are not just those told."""
        if wanted.amount and wanted.currency_id == hit.currency.id:
            return {}
        values = {
            "amount": next(c.amount for c in hit.claims if c.line_id == line.id),
            "fee_amount": self._convert_fee(line, hit),
        }
        if wanted.amount:
            values["told_amount"] = wanted.amount
            values["told_currency_id"] = wanted.currency_id
        return values

    def _convert_fee(self, line, hit):
        """The fee in the collection's currency, which the line takes over."""
        if not line.fee_amount or line.currency_id == hit.currency:
            return line.fee_amount
        return line.currency_id._convert(
            line.fee_amount, hit.currency, line.company_id, line.return_date
        )

    def _prepare_matched_values(self, outcome):
        hit = outcome.collection
        return {
            "move_line_id": hit.item_id,
            "payment_id": hit.payment_id,
            "partner_id": hit.partner.id,
            "currency_id": hit.currency.id,
            "match_state": "matched",
            "match_said": said.say(f"match.{outcome.key}"),
            "is_chosen": False,
        }

    # ---- words -----------------------------------------------------------------

    def _get_note(self, outcome, wanted):
        """Say why a line has no payment yet."""
        if outcome.state == "skipped":
            return said.say("match.paid")
        if outcome.state == "duplicate":
            return self._get_duplicate_note(outcome)
        if outcome.repeats:
            return self._get_booked_note(outcome)
        if outcome.state == "ambiguous":
            return self._get_ambiguous_note(outcome)
        if outcome.problem:
            return self._get_problem_note(outcome)
        looked_for = self._get_looked_for(wanted)
        if not looked_for:
            return said.say("match.nothing")
        return said.say("match.unmatched", references=looked_for)

    def _get_looked_for(self, wanted):
        told = [*wanted.ids, wanted.instruction_id, wanted.mandate]
        told += [*sorted(wanted.tokens)[:5], wanted.vat, wanted.iban]
        return list(dict.fromkeys(text for text in told if text))

    def _get_booked_note(self, outcome):
        """Say by which entry a payment may have come back already."""
        lines = self.env["account.payment.return.line"]
        label = outcome.candidates[0].label
        return lines._get_entries_note(label, [outcome.repeats.source])

    def _get_duplicate_note(self, outcome):
        source = outcome.repeats.source
        if outcome.key == "told":
            return said.say("match.told", name=source)
        if not outcome.collection:
            return said.say("match.line_known", name=source)
        label = outcome.collection.label
        return said.say("match.payment_known", payment=label, name=source)

    def _get_ambiguous_note(self, outcome):
        if outcome.key == "doubt":
            return said.say("match.found")
        if outcome.key == "amount":
            return said.say("match.amount")
        if outcome.key == "contradicted":
            return said.say("match.contradicted", payment=outcome.candidates[0].label)
        if len(outcome.candidates) == 1:
            return said.say("match.one")
        return said.say("match.several")

    def _get_problem_note(self, outcome):
        hit = outcome.candidates[0]
        data = {"payment": hit.label}
        if outcome.problem == "other_company":
            data["company"] = said.name(hit.company)
        elif outcome.problem == "too_much":
            data["available"] = said.amount(hit.free, hit.currency)
        return said.say(f"match.{outcome.problem}", **data)

    # ---- choice of a person ----------------------------------------------------

    @api.model
    def _choose(self, line, item, payment):
        """Give a line the payment that a person picked.

        :param line: ``account.payment.return.line``
        :param item: receivable item of the payment or bank transaction, or empty
        :param payment: ``account.payment`` when it has no journal entry, or empty

        Who paid becomes the customer: that person saw whose payment it is.
        """
        wanted = self._prepare_wanted(line)[line]
        hits = self._load_collections(payment, item.ids, [wanted])
        hits = [hit for hit in hits if not payment or hit.payment_id == payment.id]
        if not (item or payment.move_id) and hits:
            item = item.browse(hits[0].item_id or ())
        parts = match_rules.get_named(hits[0], wanted) if hits else ()
        line._write_said(
            {
                "move_line_id": item.id,
                "payment_id": item.payment_id.id or payment.id,
                "partner_id": (item.partner_id or payment.partner_id).id,
                "match_state": "matched",
                "match_said": line._get_chosen_note(),
                "is_chosen": True,
                "duplicate_line_id": False,
                "invoice_line_ids": [Command.set(parts)],
                "candidate_line_ids": [Command.clear()],
                "candidate_payment_ids": [Command.clear()],
            }
        )
        line._complete_targets()
