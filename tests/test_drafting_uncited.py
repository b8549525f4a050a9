"""Sentences of the series: what promises further mail is told from what offers help."""

from __future__ import annotations

import pytest

from campaigns.drafting import uncited


@pytest.mark.parametrize(
    "text",
    [
        "We will send a reminder shortly before the release.",
        "We will write again on the day of the release.",
        "We’ll write once more on the day, {{first_name}}.",
        "On the day of the release we will write again with the full list of changes.",
        "In some days we will write once more and ask how the update went.",
        "Please plan time for the update; we will remind you three days before.",
        "You will hear from us again shortly before the release.",
        "You will receive another e-mail on the day.",
        "A short reminder will follow.",
        "This is our first message about this release.",
        "This is our last message about this release.",
        "This reminder contains nothing new: the changes are in our first message about this release.",
    ],
)
def test_a_promise_of_further_mail_is_of_the_series(text: str) -> None:
    assert uncited.of_the_series(text)


@pytest.mark.parametrize(
    "text",
    [
        "If you have questions, reply to this e-mail and a person will answer.",
        "If something about the update is not clear to you, please tell us by a reply to this e-mail.",
        "Let us know and we will contact you.",
        "If something does not work after the update, please tell us by a reply to this e-mail.",
        "If this mail should reach other people in your team as well, please tell us.",
        "Our first message about this release names the further steps.",
        "Your answer helps us to plan the next release.",
        "You can update on the day itself or later, when it suits you.",
        "We hope that the update works well for you.",
        "Thank you for your time.",
    ],
)
def test_an_offer_or_a_thank_you_is_not(text: str) -> None:
    assert not uncited.of_the_series(text)
