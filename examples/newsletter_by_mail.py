"""Sends the day's news of some feeds by mail, as text and as HTML.

    python newsletter_by_mail.py https://example.org/feed.xml … --smtp mail.example.org:587 --tls \
        --from news@example.org --to me@example.org

A name at the server goes with --user, its password into the environment variable SMTP_PASSWORD.
"""

import argparse
import os
import smtplib
import ssl
import sys
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from summarizer import Settings, Summarizer
from summarizer.newsletter import build_newsletter, collect, to_html, to_markdown


def main() -> None:
    parser = argparse.ArgumentParser(description="Sends the day's news of some feeds by mail.")
    parser.add_argument("feeds", nargs="+", help="addresses of feeds or pages, or files of feeds")
    parser.add_argument("--smtp", required=True, metavar="HOST:PORT", help="the mail server")
    parser.add_argument("--tls", action="store_true", help="STARTTLS before anything is sent")
    parser.add_argument("--user", help="logs in; the password is in SMTP_PASSWORD")
    parser.add_argument("--from", required=True, dest="sender")
    parser.add_argument("--to", required=True, nargs="+")
    parser.add_argument("--title", default="News")
    parser.add_argument("--days", type=float, default=1.0, help="how old news may be (1)")
    parser.add_argument("--entries", type=int, default=10, help="at most so many stories (10)")
    options = parser.parse_args()

    settings = Settings()  # from SUMMARIZER_… and summarizer.toml
    found = collect(options.feeds, settings.fetch, since=datetime.now(UTC) - timedelta(days=options.days))
    with Summarizer(settings) as summarizer:
        newsletter = build_newsletter(found.articles, summarizer, entries=options.entries)
    failed = [*found.failed, *((article.url, error) for article, error in newsletter.failed)]
    for name, error in failed:
        print(f"{name}: {error}", file=sys.stderr)
    if not newsletter.entries:
        sys.exit("Nothing to send." if not failed else "Nothing could be read.")

    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = options.title, options.sender, ", ".join(options.to)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="localhost")
    message.set_content(to_markdown(newsletter, options.title))
    message.add_alternative(to_html(newsletter, options.title), subtype="html")

    host, _, port = options.smtp.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=60) as server:
        if options.tls:
            server.starttls(context=ssl.create_default_context())
        if options.user:
            server.login(options.user, os.environ["SMTP_PASSWORD"])
        server.send_message(message)


if __name__ == "__main__":
    main()
