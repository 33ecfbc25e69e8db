"""What a headline may not leave out of the sentence it was cut from."""

import pytest

from summarizer.grounding import careless_cuts, read_source


@pytest.mark.parametrize(
    ("article", "headline", "careless"),
    [
        ("A broken bus was hit by a ferry in Kessel.", "Broken bus hit ferry in Kessel", True),
        ("A broken bus was hit by a ferry in Kessel.", "Broken bus hit by ferry in Kessel", False),
        ("Kern paid the price for a humiliating season in Kessel.", "Kern paid season in Kessel", True),
        ("Kern paid the price for a humiliating season in Kessel.", "Kern paid price for season in Kessel", False),
        ("The captains were given five days to leave the ferry of Kessel.", "Captains leave ferry of Kessel", True),
        ("A boy is recovering after falling into the harbour of Kessel.", "Boy falls into harbour of Kessel", False),
        ("Bo Kern died on Monday at his home in Kessel.", "Bo Kern died at home in Kessel", False),
        ("Bo Kern has died, the Kessel Courier announced on Monday.", "Bo Kern died at Kessel Courier", True),
        ("Bo Kern has died at home, the Kessel Courier announced.", "Bo Kern died at home", False),
        ("Gang members in Kessel beat a sailor to death.", "Gangs beat sailor to death", True),
        ("Gang members in Kessel beat a sailor to death.", "Gang members beat sailor to death", False),
        ("A bag embellished with pearls is on sale in Kessel.", "Bag embossed with pearls on sale in Kessel", True),
        ("A bag embellished with pearls is on sale in Kessel.", "Bag embellished with pearls on sale in Kessel", False),
    ],
)
def test_a_headline_keeps_the_small_words_that_it_needs(article, headline, careless):
    text = f"{article} The harbour was closed."
    assert careless_cuts(read_source(text), [headline], in_order=True) == [careless]
