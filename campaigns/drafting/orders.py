"""What a text asks of its readers or of a machine: credentials, money, clicks, steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from campaigns.drafting.disguises import undisguised
from campaigns.drafting.findings import Problem

_CREDENTIAL = (
    r"(?:pass(?:word|phrase|code)s?|pin codes?|credentials?|(?:log|sign)[- ]?ins?|accounts?|bank\w*|payments?"
    r"|invoices?|"
    r"gift cards?|credit cards?|card (?:number|details)|one[- ]time codes?|security codes?|otp|api[- ]keys?|"
    r"private keys?|tokens?|wallets?|bitcoins?|identity|social security|personal (?:data|details|information))"
)
_ASK = (
    r"(?:confirm|verify|validate|enter|re-?enter|provide|send|submit|share|give|tell|supply|type|update|reset|change|"
    r"unlock|re-?activate|pay|transfer|wire|reply with|"
    r"(?:log|sign)[- ]?in(?!\s+(?:fails?|works?|breaks?|hangs?|is|was|no longer)\b)|"
    r"forward|disclose|reveal|e?-?mail|check|secure|hand over|hand in|surrender)"
)
_ASKED_CREDENTIAL = re.compile(
    rf"\b{_ASK}\b(?:\W+\w+){{0,4}}?\W+(?:your|their|his|her|the user'?s?|our)\W+(?:\w+\W+){{0,2}}?{_CREDENTIAL}\b"
    rf"|(?:^|[.!?:;]\s*|\b(?:please|kindly|(?:can|could|would|will) you)\s+"
    rf"|\b(?:must|should|need to|have to|to)\s+){_ASK}\W+(?:\w+\W+){{0,3}}?{_CREDENTIAL}\b"
    r"(?!.*\b(?:now|no longer|works?|fails?|fixed|broken|is|are|was|does)\b)"
    rf""
    rf"|\byour\W+(?:\w+\W+){{0,2}}?{_CREDENTIAL}\b(?!(?:\W+\w+){{0,2}}\W+no longer)"
    rf"(?:\W+\w+){{0,6}}?\W+(?:expire|suspend|lock|block|clos|compromis|verif|confirm|need|must|request)",
    re.I,
)
# The same asked for in the passive, or by people: no product hands a password to a technician.
_PEOPLE = (
    r"(?:us|(?:our|the|a|your|their)\s+(?:\w+\s+)?(?:support|help ?desk|technicians?|engineers?|teams?|staff|agents?"
    r"|colleagues?|callers?|operators?|consultants?|employees?|representatives?|vendors?|providers?|partners?|hotline"
    r"|manufacturers?|installers?)|support|(?:by|over the|on the)\s+(?:tele)?phone)"
)
_BY_MAIL = rf"(?:{_PEOPLE}|(?:by|in an?)\s+(?:e-?mail|letter|call|chat|text message))"
_DUTY = r"(?:must|should|shall|need(?:s)? to|ha(?:s|ve) to|(?:is|are) to|make sure|ensure|see to it)"
_GIVEN = (
    r"(?:handed (?:over|in|out)|given|sent|told|forwarded|submitted|e-?mailed|mailed|supplied|provided|shared"
    r"|made (?:available|known)|read out|passed on|transferred|entered|confirmed|communicated)"
)
_SURRENDERED = r"(?:handed (?:over|in|out)|disclosed|surrendered|revealed|read out|given (?:away|up)|made known)"
_CREDENTIAL_OF = rf"(?:\w+\W+){{0,3}}?{_CREDENTIAL}"
_GIVEN_UP = re.compile(
    rf"\b{_CREDENTIAL}\b(?:\W+\w+){{0,5}}?\W+{_GIVEN}\s+(?:\w+\s+){{0,2}}?(?:to\s+|with\s+)?{_PEOPLE}\b"
    rf"|\b{_DUTY}\b(?:\W+\w+){{0,5}}?\W+{_CREDENTIAL}\b(?:\W+\w+){{0,2}}?\W+{_SURRENDERED}\b"
    rf"|\b{_CREDENTIAL}\W+(?:\w+\W+){{0,1}}?{_DUTY}\W+(?:be\W+)?(?:\w+ly\W+)?{_SURRENDERED}\b"
    rf"|\b(?:we|{_PEOPLE})\s+(?:(?:will|may|might|now|also|urgently|then|must)\s+)*"
    rf"(?:needs?|requires?|requests?|wants?|collects?|asks?\s+(?:\w+\s+)?for)\s+{_CREDENTIAL_OF}\b"
    rf"|\b{_CREDENTIAL}\s+(?:is|are|will be|must be)\s+(?:\w+\s+)?"
    rf"(?:collected|requested|needed|required|asked for|taken)\s+(?:by\s+)?{_BY_MAIL}\b"
    rf"|\b(?:is|are|be|been|get|gets)\s+asked\s+(?:\w+\s+)?for\s+(?:the|their|his|her|your|an?)\s+"
    rf"(?:(?:root|admin|administrator|master|domain|bank)\w*\W+(?:\w+\W+)?{_CREDENTIAL}"
    rf"|(?:\w+\W+)?{_CREDENTIAL}\s+(?:by\s+)?{_BY_MAIL})\b"
    rf"|\b(?:handing (?:over|in)|surrendering|disclosing|disclosure|sending|sharing|giving|forwarding)\s+(?:of\s+)?"
    rf"(?:the|your|their|his|her|all)\s+{_CREDENTIAL_OF}\b(?:\W+\w+){{0,3}}?\W+"
    r"(?:required|needed|necessary|mandatory|expected|obligatory)\b"
    rf"|\blet\s+us\s+(?:have|know)\s+{_CREDENTIAL_OF}\b"
    rf"|\b(?:have|keep)\s+(?:your|the|their)\s+{_CREDENTIAL_OF}\s+(?:ready|at hand|handy)\b"
    rf"|\b{_CREDENTIAL}\b[^.!?\n]{{0,60}}\b(?:give|send|tell|hand|forward|mail|read|pass)\s+(?:it|them)\s+"
    rf"(?:\w+\s+){{0,2}}?(?:to\s+)?{_PEOPLE}\b",
    re.I,
)
# What somebody may do with the product is news of it: "Users can change their password". So is what ends. No news is
# what stands in the sentence before, what somebody may be asked for, and "Can you send ...?".
_ABLE = re.compile(
    r"\b(?:can|could|may|able to|possible to|lets?|allows?|option to|ability to)\b(?! you\b)"
    r"(?:[ /-]+(?!asked|required|requested|urged|expected|invited|told|must|should|need|have|has)[\w'’]+){0,4}?[ /-]*$"
    r"|\bno longer(?:\s+(?:asked|required|need|needs|forced|prompted|have|has|made|to|be|being)){0,3}\s*$",
    re.I,
)
# The same in other languages: somebody is addressed, something is asked for, and it is a credential.
_ADDRESSED = re.compile(
    r"\b(?:bitte|müssen|sollen|sollten|Sie|Ihr(?:e|en|em)?|veuillez|devez|doivent|votre|vos|por favor"
    r"|debe[ns]?|deben|su|"
    r"sus|prego|deve|devono|vostr\w+|ваш\w*|вы|вам|пожалуйста|alstublieft|moet(?:en)?|uw|prosz\w+|musi\w*|twoj\w+|devem|sua|seu)\b"
    # The polite order of French, Spanish and Russian is a form of the verb.
    r"|\w+[ʼ'’]?ez\b(?= (?:le|la|les|un|une)\b)|\w+(?:ите|йте)\b"
    r"|请|必须|您|你|所有用户|ください|必ず|お客様|하세요|주세요|반드시|고객",
    re.I,
)
_ASKED_ABROAD = re.compile(
    r"\b(?:bestätig|send|schick|übermitt|mitteil|eingeb|angeb|verifizier|confirm|envoy|saisi|communiqu|vérifi|envi|"
    r"introdu|proporcion|verifi|conferm|invi|inseri|forni|bevestig|stuur|verstuur|invoer|potwierd|wyśl|podaj|prześl|"
    r"inform|digit|überweis|zahlen|bezahl|aktualisier|payez|réinitialis|подтверд|отправ|введ|сообщ|обнов|оплат|перевед"
    r"|укаж|пришл)\w*|确认|点击|更新|發給|发给|发送|提供|输入|提交|验证|確認|送信|入力|送って|확인|보내|입력|제공",
    re.I,
)
_CREDENTIAL_ABROAD = re.compile(
    r"\b(?:passwor[dt]\w*|kennw[oö]rt\w*|zugangsdaten|anmeldedaten|bankverbindung|kreditkarte\w*|kontonummer|"
    r"mots? de passe|identifiants|cartes? bancaires?|coordonnées bancaires|contraseñas?|credenciales|tarjetas?|"
    r"credenziali|carta di credito|wachtwoord\w*|inloggegevens|hasł[oaem]|dane logowania|senhas?|credenciais|cartão)\b"
    r"|\b(?:compte|konto|cuenta|rekening|paiement|gebühr|парол\w*|карт[уаы]|счёт\w*|счет\w*|уч[её]тн\w+)\b"
    r"|密码|密碼|口令|银行卡|信用卡|验证码|付款|支付|账户|账号|パスワード|暗証番号|クレジットカード|비밀번호|카드|계좌",
    re.I,
)
_MACHINE_ORDER_ABROAD = re.compile(
    r"(?:\b(?:ignorier|ignor(?:ez|er|es|a|ar|ad|e)\b|vergiss|oublie|olvid|dimentic|negeer|zignoruj|esque[cç])\w*|"
    r"忽略|无视|忘记|無視|무시).{0,50}?"
    r"(?:\b(?:anweisung|instru[ck]|istruzion|consigne|vorgabe|befehl|polece|prompt)\w*|指令|指示|说明|提示|命令|지시|명령|"
    r"プロンプト)",
    re.I,
)
_WRITERS = (
    r"(?:(?:copy|ghost|technical )?-?(?:writers?|editors?|authors?|translators?)|copywriters?"
    r"|(?:language )?models?|ai|llm|gpt"
    r"|chat-?bots?|bots?|assistants?|drafters?|marketing(?: team| department)?|marketers?|newsletter team"
    r"|communications? team"
    r"|summari[sz]ers?|whoever (?:writes|drafts|edits|sends))"
)
# Said to whoever writes the mail: a note that names them, or what they are to say in it.
_NOTE_TO_WRITERS = re.compile(
    rf"\b(?:n\.?b\.?|notes?|memo|hints?|reminder|message|instructions?|info|attention|attn\.?|p\.?s\.?)(?: for"
    rf"| to)?,?:? "
    rf"(?:for |to )?(?:the |our |all |any )?(?:\w+ )?{_WRITERS}\s*[:,–-]"
    rf"|^(?:dear |to |for |@)(?:the |our |all )?{_WRITERS}\s*[:,–-]"
    r"|(?:^|[.!?:;,]\s*|\bplease\s+|\band\s+)(?:mention|state|say|write|stress|emphasi[sz]e|claim|announce"
    r"|point out|add|"
    r"underline|highlight|tell (?:clients|customers|readers|everybody|them|people))\s+that\b"
    rf"|\b{_WRITERS}\b[^.]{{0,40}}\b(?:must|should|shall|has to|have to|is to|are to|needs? to|please)\b[^.]{{0,20}}"
    r"\b(?:state|say|write|promise|mention|claim|tell|announce|praise|offer|call)\b",
    re.I,
)
_COMMAND = re.compile(
    r"\b(?:curl|wget|iwr|invoke-webrequest|powershell|certutil)\b[^\n]{0,80}(?:\||https?:|\.sh\b|\.ps1\b|\.exe\b)"
    r"|\|\s*(?:sudo\s+)?(?:ba|z|k)?sh\b|\brm\s+-rf\b|\bscan\b.{0,30}\bQR\b",
    re.I,
)
# Not even where steps are asked for.
_NEVER_ORDERED = re.compile(
    r"(?:^|[.!?:;]\s+|\bplease\s+|\b(?:must|should|have to|need to)\s+)(?:(?:pay|buy|wire|transfer)\s+(?:the"
    r"|a|an|your|our|\d)"
    r"|click\b|hurry\b|claim\b|(?:call|phone|dial)\s+(?:us|our|the (?:number|hotline|support)|\+?\d))",
    re.I,
)
_SIGN_IN = re.compile(
    # With a hyphen it is a noun, and its verb stands behind it: "Log-in pages show the name".
    r"(?:^|[.!?:;]\s*|\bplease\s+|\b(?:must|should|need to|have to)\s+)(?:log|sign)(?: in(?:to)?|into"
    r"|(?:-?in)(?=\s+(?:to|at|on|here|now|again|today|immediately|via|through|with(?! [^.]*\b(?:is|are|works?|can"
    r"|has)\b))\b"
    r"|\W*$))\b"
    r"(?!\s+(?:page|button|form|dialog|screen|link|window|works?|fails?|is|no longer|now)\b)"
    r"(?!\s+\w+s\s+(?:\w+s?|are|have|no longer)\s)",
    re.I,
)
# What the product itself asks for, of somebody, on an occasion: "Users must enter their password before they leave".
_OF_THE_PRODUCT = re.compile(
    r"^(?:(?!you\b|please\b)[\w-]+ ){1,4}?(?:must|have to|has to|need to|needs to|are asked to"
    r"|is asked to) (?:now |also )?"
    r"(?:re-?)?(?:enter|type|confirm|give|repeat) (?:their|his or her|the|a) (?:\w+ ){0,2}?(?:password|passphrase"
    r"|pin|code)s?"
    r"(?: again| once more)? (?:before|when|whenever|if|each time|every time) "
    r"(?!.*\b(?:portal|link|site|website|below|us|our|your|reply|message|form)\b)(?:they|he or she|an?|the)\b",
    re.I,
)
_BAIT = re.compile(
    r"\bclick (?:here|below|the link|on the link|this)\b|\bclaim (?:your|it|now|the)\b"
    r"|\b(?:refunds?|prizes?|rewards?|lotter\w+|winners?|vouchers?|gift cards?|free gift|cash back|inheritance)\b"
    r".{0,40}\b(?:your?|now|claim\w*|today)\b"
    r"|\b(?:fees?|payments?|licen[cs]es?|invoices?)\b.{0,40}\b(?:paid|payable|moves?|goes?|go|transfer\w*)\b.{0,20}"
    r"\b(?:account|iban|btc|bitcoin|wallet|paypal)\b"
    r"|\byou(?:'ve| have)? won\b|\blimited[- ]time\b|\bact now\b",
    re.I,
)
_MACHINE_ORDER = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget\w*|overrid\w*|bypass\w*)\b.{0,30}\b(?:instructions?|prompts?|rules?"
    r"|above|previous|prior|guidelines?)\b"
    r"|\b(?:system|assistant|developer)\s*(?:prompt|message|instructions?)?\s*:|<\|?\w*(?:system|assistant"
    r"|im_start|endoftext)\w*\|?>"
    r"|\byou are (?:now\b|an? (?:ai|assistant|language model|helpful))|\bas an ai\b|\bjailbreak|\bnew instructions?\b"
    r"|\b(?:begin|end) (?:of )?(?:instructions?|prompt|data)\b|\[/?INST\]|\bdo not (?:tell|mention|inform|reveal)\b"
    r"|\b(?:include|insert|add|append|write|print|output|say|put)\b.{0,25}\b(?:in|to|into) "
    r"(?:the|this|your|every|each) (?:e-?mail|mail|draft|answer|response|output|reply)\b"
    r"(?!\s+(?:view|window|folder|page|list|editor|pane|panel|box|dialog|field|file|stream|directory|tab|table|format))"
    r"|[\"']role[\"']\s*:\s*[\"'](?:system|assistant|user|developer|tool)|[\"']content[\"']\s*:"
    r"|\b(?:assistant|language model|ai|llm|chatbot|drafter|summari[sz]er)\b[^.]{0,40}\b(?:must|should|shall"
    r"|has to|is to|"
    r"needs to|please)\b[^.]{0,20}\b(?:state|say|write|promise|mention|claim|tell|announce|praise|offer)\b"
    r"|\bwhen (?:you (?:are )?)?(?:summari[sz]|draft|writ|translat|rephras)\w*[^.]{0,40}?,?\s+(?:please )?"
    r"(?:state|say|write|mention|claim|promise|add|include|announce|tell)\b"
    # What is to be written stands in between, in quotes or called a sentence.
    r"|\b(?:include|insert|add|append|write|print|output|say|put)\b[^.!?\n]{0,40}"
    r"(?:[\"'“‘„«「]|\b(?:sentence|lines?|words?|phrase|paragraph|text|following)\b)[^\n]{0,160}?\b(?:in|to|into) "
    r"(?:the|this|your|every|each|all) (?:e-?mails?|mails?|drafts?|answers?|responses?|output|repl(?:y|ies))\b"
    r"(?!\s+(?:view|window|folder|page|list|editor|pane|panel|box|dialog|field|file|stream|directory|tab"
    r"|table|format))",
    re.I,
)
_ORDER = re.compile(
    r"(?:^|[.!?:;]\s+|\bplease\s+(?:\w+ly\s+)?|\bthen\s+)"
    r"(?:(?:click|visit|go to|call|phone|contact|reply|install|run|execute|send|enter|disregard|forget|tell|buy|pay"
    r"|forward|confirm|verify|hurry|claim|submit|register|sign up|give|provide|transfer"
    r"|disable your|turn off your|uninstall)\b(?!-)"
    # What people also do with the product: "Download reports" is called so, "Download the file now" is asked for.
    r"|(?:open|download|write|follow|scan|copy|paste|subscribe|order|act|respond|share|ignore|browse|navigate|join)\b(?!-)"
    r"(?=\s+(?:the|this|these|those|our|us|me|now|at once|today|immediately|quickly|fast|here|from)\b|\W*$))"
    # A noun with its verb behind it tells what is: "Share buttons are back".
    r"(?!\s+(?:of\b|(?!(?:the|this|that|your|our|an?|it|us|me|to|now|at|on)\b)(?:\w+\s+){1,4}?"
    r"(?:is|are|was|were|works?|has|have|can|no longer|fails?|does|do|shows?|stays?|keeps?)\b))"
    r"(?!\s+(?:is|are|was|were|no longer|now|fails?|works?|does|button|page|link|dialog|menu|command|script)\b)"
    r"|\b(?:please|you (?:must|have to|need to|should|are required to)|we (?:urge|ask) you|"
    r"your? (?:immediate )?action)\b"
    r"|\b(?:act now|right away|immediately,? or|within \d+ hours|urgently|(?:is|are) urgent|urgent (?:action"
    r"|update))\b|^urgent\b"
    r"|\b(?:customers?|clients?|everybody|everyone|admin(?:istrator)?s?)\s+(?:should|must|have to|need to|"
    r"are (?:asked|required|urged) to)\s+(?:move|switch|migrate|change|upgrade|update|send|e-?mail|call|pay|install)\b",
    re.I,
)

# What fraud asks for, and what makes haste; a step with such a word never counts as plain.
_NOT_PLAIN = re.compile(
    rf"\b(?:{_CREDENTIAL}|links?|click\w*|visit|browse|navigate|go to|attach\w*|call|phone|dial|contact|reply|respond"
    r"|answer|send|e-?mail|tell|write to|forward|share|give|provide|submit|enter|download\w*|scan|paste|pay\w*|paid|buy"
    r"|order|transfer|wire|iban|money|fees?|prices?|licen[cs]es?|refunds?|confirm|verify|subscribe|unsubscribe|register"
    r"|join|sign|log in|ignore|disregard|forget|claim|hurry|act now|urgent\w*|immediate\w*|right away|at once"
    r"|within \d+)\b|https?:|www\.|@|\+?\d[\d ()/-]{6,}|\b\w\W\w\W\w\b",
    re.I,
)


def is_plain_step(text: str) -> bool:
    """Whether a text asks readers for nothing that a fraud would: no link, credential, payment, answer or haste."""
    return not any(_NOT_PLAIN.search(version) for version in (text, undisguised(text)))


_ASK_ALONE = re.compile(rf"\b{_ASK}\b", re.I)
# Right before the verb: "is not to be kept but sent to us" denies nothing.
_NO_MORE = re.compile(
    rf"(?:\b(?:no longer|not|never)|n['’]t)\s+(?:to\s+)?(?:be\s+|been\s+|being\s+)?(?:{_GIVEN}|{_SURRENDERED}"
    r"|asks?\b|asked|needs?\b|needed|requires?\b|required|requests?\b|requested|wants?\b|collects?\b|collected)",
    re.I,
)


def _is_news(pattern: re.Pattern[str], text: str, match: re.Match[str]) -> bool:
    """Whether what looks like a request for credentials tells what the product does: what can be done, what ends."""
    if pattern is _GIVEN_UP:
        return bool(_NO_MORE.search(match[0]))
    asked = _ASK_ALONE.search(text, match.start())
    begin = asked.start() if asked else match.start()
    return pattern is _ASKED_CREDENTIAL and bool(_ABLE.search(text[:begin]))


def find(text: str, *, orders: bool) -> Iterator[Problem]:
    """What readers or machines are told to do; `orders` lets plain steps pass, and nothing else."""
    rules: list[tuple[str, re.Pattern[str], Callable[[str], str]]] = [
        ("credentials", _ASKED_CREDENTIAL, lambda quote: f"“{quote}” asks readers for something that only a fraud "
         "asks for."),
        ("credentials", _GIVEN_UP, lambda quote: f"“{quote}” asks readers for something that only a fraud asks for."),
        ("credentials", _SIGN_IN, lambda quote: f"“{quote}” asks readers to sign in, as fraudulent mail does."),
        ("bait", _BAIT, lambda quote: f"“{quote}” is how fraudulent mail talks."),
        ("machine_order", _MACHINE_ORDER, lambda quote: f"“{quote}” is an order to a machine and no release news."),
        ("machine_order", _MACHINE_ORDER_ABROAD, lambda quote: f"“{quote}” is an order to a machine and no release "
         "news."),
        ("machine_order", _NOTE_TO_WRITERS, lambda quote: f"“{quote}” is said to whoever writes the mail, and is no "
         "release news."),
        ("command", _COMMAND, lambda quote: f"“{quote}” makes readers run something unseen. Take it out."),
        ("order", _NEVER_ORDERED, lambda quote: f"“{quote}” tells readers to do something that no update needs."),
    ]  # fmt: skip
    if not orders:
        rules.append(("order", _ORDER, lambda quote: f"“{quote}” tells readers to do something. Only the section "
                      "with the required action may do that."))  # fmt: skip
    for rule, pattern, message in rules:
        for version in dict.fromkeys((text, undisguised(text))):
            matches = pattern.finditer(version)
            if pattern is _ASKED_CREDENTIAL and _OF_THE_PRODUCT.search(version):
                continue
            match = next((one for one in matches if not _is_news(pattern, version, one)), None)
            if match:
                yield Problem(rule, message(match[0].strip(" .:;!?")), match[0].strip())
                break


def in_other_languages(text: str) -> Iterator[Problem]:
    """A credential or money that somebody is asked for in another language than English."""
    credential = _CREDENTIAL_ABROAD.search(text)
    if credential and _ADDRESSED.search(text) and _ASKED_ABROAD.search(text):
        yield Problem("credentials", f"“{credential[0]}” is something that only a fraud asks readers for.",
                       credential[0])  # fmt: skip
