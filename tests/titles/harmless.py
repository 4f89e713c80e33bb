"""Titles and notes that name nobody, and that no rule may refuse."""

from __future__ import annotations

from typing import Final

HARMLESS: Final = tuple(
    line
    for line in """
Plass 12
Besøk av likeperson
Første besøk etter synstap
Rom 12 på Hurdal
Oppfølging 3 av 5
Visit 2 in May
Ny likeperson, uke 48
Synstest 2026
Oppdrag 412
Hjelp med iPhone 15
Kurs i punktskrift 2
Telefonsamtale ønskes
Besøk før jul
Møte 10. desember
Møte kl. 14.30
Time 3 i kurs
Retinitis pigmentosa, informasjon
AMD gruppe 4
Hund nr. 2
Gate og trafikk, trening
Veien videre
Å gå ut igjen
Lia sykehjem
Reise til Oslo 5
NAV søknad 1
Fase 2 av 3
Skole i Bergen 2027
Sak 2026/118
Bok nr. 7 i serien
Støtte etter operasjon 12 mai
Samtale på dansk
Home visit, third time
Call before you come
Visit at hospital, ward 7
Avdeling 5B
Gruppe 12 i Trondheim
To besøk i uken
Besøk 3 ganger
Trinn 4
Mobil hjelp 2
Besøk i uke 12
Kurs 12. mai
3 samtaler før jul
Synskontakt 4 av 6
Punktskrift nivå 2
Hvit stokk, økt 3
Førerhund, spørsmål 1
Samtale 45 minutter
Etter operasjon i 2025
Gruppe A, 10 deltakere
Vindu 3, venterommet
Skolestart 2026
Hjemmebesøk nummer 2
Syn 0,3 på begge øyne
Møte onsdag 18. november
Møte 9.30
Telefon fra 10 til 12
Ringes etter kl 15
CVI trinn 2
Rp type 4
LHON, ny diagnose
Katarakt 2. øye
Barn, 8 år
Mann, 70 år
Enke, 82 år
Ferdig innen 31. desember
Jobb på plass 3
Ankomst gate 12
Buss 37
Trikk 12 fra stasjonen
Togspor 4
Etasje 3
Rom 204
Avdeling 2B
NAV-møte 3
Saksnr 2026/1234
Lydbok 5 av 12
Skjermleser versjon 2026
JAWS 2025 opplæring
iPhone 16 opplæring
Par 2 av 4
Tur til Beitostølen 2027
Tandem 1
Skitur, gruppe 7
Hjelp til vei og gate
Leksehjelp 2 timer
Torget, møtepunkt
Moen skole
Nesodden lag 3
Ta vare på hagen 2 ganger
Ledig plass 12
Parkeringsplass 12
Sitteplass 4 og 5
Kursplass 3
Møteplass 2
Telefonsamtale kl. 14.30
Samtale kl. 20.30-21.00
Kontortid 08.30-15.30
Åpent 09:00-12:00 og 13:00-15:00
Møte 3. desember
Møte tredje desember
Møte 12. mai kl 12:00
Møte 24.12.2026
Møte 24.12.2026 kl. 12.30
Møte 3.12.2026 14:30
Første møte 3. januar 2027
Oppfølging uke 48
Uke 40, 41, 42, 43
Uke 22, 24, 26, 28
Uke 22-26
Uke 12/2026
Rom 12 B
Rom 21, 22, 23 og 24
Lydbok-kurs, første gang
Andre gangs besøk
Besøk nr. 2
Besøk 2 av 3
Buss 31
Trikk 12 til Majorstuen
Saksnr. 2026/1234
Saksnr 2026-1234
Sak 26/01234
Sak 2026/12345-3
Arkivref 2026/001234
AS-2291
SP-2026-014
ICD H35.3
ICD-10 H54.0
Diagnosekode H40.1
Kontakt på nytt etter 14 dager
Kontakt etter 2 uker
Ring etter kl. 16
Ring hovednummeret
Ring 02345
Bo alene-kurs
Å bo alene med synstap
Hjemmebesøk - Oslo øst
Hjemmebesøk i Bergen
Hjelp med lesetv
Mobilitetskurs del 1
Kurs i mobilskole, 3 kvelder
Kurs 1-4
Kurs i punktskrift, nivå 2
Punktskrift 6 punkter
Daisy-spiller, versjon 3.2
iPhone 15 og VoiceOver
iOS 18.2 oppdatering
Windows 11
JAWS 2026 opplæring
NVDA 2025.1 opplæring
Skjermleser og leselist 40 celler
Forstørrelse 16x
Visus 0,1 og 0,2
Visus 6/60
Syn 5/60 høyre
Avstand 2-3 meter
Oslo universitetssykehus
Haukeland sykehus, øyeavdelingen
St. Olavs hospital, øyepoliklinikken
Øyelege, kontroll om 3 måneder
Hurdalsenteret, uke 12
Evenes syn- og mestringssenter
Solvik, avd. 2
Solbakken sykehjem, 2. etasje
Solbakken 2. etasje
Solbakken avd. 3
Storgata ved biblioteket
Møt opp i Storgata kl. 12
Møt opp i Storgata 14.30
Møt ved Youngstorget kl. 15
På vei 12. mai
På vei til 3 besøk
Langs veien 3 ganger
Gågate og trafikk, 3 økter
Fylkesvei 120
Europavei 6
Gate 22 på flyplassen
Italia 2
Reise til Australia 3 uker
Julia leser, del 2
Familien 3 samtaler
Langt 3 ganger
Valgt 2 av 4
Navn 2 mangler
Havn 3
Mandag 12
Oppfølging. 3 besøk igjen
Torsdag 14. kl. 10
Hverdag. 5 råd
Brev. 2 sider
Arkiv 3
Elev 2
Alternativ 2
Møt @ kontoret
Møte @kontoret
Snakk om e-post
At home visit
Meet at the library
Meet at Oslo Central Station
Look at the dot matrix display
Kurs på nett
På tide med nytt kurs
Likeperson på besøk
Home visit
Home visit, week 48
Second visit in December
Follow-up in March
Follow up on 3 March
First of two visits
May visit
March on, part 3
Room 12B
Room 1204
Platform 3
Track 2, next stop
Third floor, room 4
Course 101
Case 2026-1234
Case 4321
Call after 4 pm
Call back within 14 days
Investigate 3 options
Navigate 2 routes
10 km walk
5 Elm trees in the park
2 large print books
3 visits by road
Guide dog, 2 years
Driver's licence and sight loss
Age 67 and over
Gruppe 65 pluss
Likepersonssamtale nr. 3
Telefonkontakt x 2
Telefonkontakt 1 gang per uke
Turgruppe tirsdager 18-20
Turgruppe 18.00-20.00
Hyttetur 12.-14. juni
Hyttetur 12.06-14.06
Samling 1.-3. desember 2026
Samling 30.11.-2.12.2026
Årsmøte 2027
Årsmøte 12. mars 2027
Sommerleir 2026
Budsjett 12 000 kr
Støtte 1 500 kroner
Tilskudd 123 456
Faktura 10045
Ordre 1234567
1234567890
123456789012
Født sånn eller blitt sånn
Nyfødt barnebarn
Født blind, trenger nettverk
Bursdagsfest i gruppa
Fødselsdepresjon
Gratulerer med dagen 17. mai
Etter 1. mai
Frist 31.12.2026
Frist 15. januar
I dag kl. 9
Hver dag kl. 9, 12 og 15
Dag 2 av 5
Vår 2026
Høst 2026
Li og skog
Lies i storskrift
Lihjelp
Bolig og hjelpemidler
Bosted Nord
Boligtilskudd
Bosettingskurs
Volgatur
Karies og tannhelse
Karin Boye lest høyt
Kanne med nivåmåler
Annen avtale
Annet: hvit stokk
Prøvetur med førerhund
Prøvetime
Prøve ny lupe
Ny prøve
På prøve i 3 uker
Stor skrift
Storskrift 18 pkt
Stort format
Nordre bydel
Bygdøy og omegn
12 av 14 møtt
Del 1, 2, 3, 4, 5, 6, 7, 8
Trinn 2, 3, 4, 5, 6, 7, 8, 9
Oppgave 01 02 03 04 05
Punkt 3.2.1
Versjon 10.0.19045
Versjon 1.2.3
Kap. 12, s. 34-56
Bok 3: s. 120-135
12:30 - 13:15
2 x 45 min
100 %
50/50
1/2 dag
Temakveld: økonomi
Hr. og fru på kurs
Én til én
En, to, tre: i gang
Tre besøk på to uker
Fire samtaler, fem turer
Tolv trinn
Tjue minutter hver dag
Seks-åtte deltakere
I. del
Del II
Del III av IV
Kapittel IV, 2026
NAV-søknad, vedlegg 3
Paragraf 11-5
§ 10-7
Førerhund: søknad 2026
HMS-kurs
TT-kort, 50 turer
Ledsagerbevis 2027
Brønnøysund, flyplassen
Skien, Porsgrunn og Bamble
Tromsø 2. gang
Mo i Rana, 2. besøk
Ås 3. besøk
Gol 2 ganger
Hamar, etg. 3
Bygg 4, inngang B
Inngang 2
Etasje 3, rom 305
Heis 2, 4. etg.
Avd. 12
Post 4B
Sengepost 3
Spor 19, Oslo S
Linje 5 til Sognsvann
Lue, votter og 2 refleksvester
Takk for sist!
Nytt forsøk
""".splitlines()
    if line
)
"""In lower case, a name of the payload's that is an ordinary word is no name."""
HARMLESS_WITH: Final = {
    "bo": ("Å bo alene", "vil bo hjemme", "Bolig", "Lihjelp", "lim og bok", "Boken om lys"),
    "dag": ("En dag i uka", "hver dag", "mandag", "vi ser fram til vårens kurs", "Hun var hjemme"),
    "olga": ("Volgatur", "prøve ny lupe", "Prøvetime", "vei og sti", "Olgaarden"),
    "kari": ("Karies", "karin", "Annen avtale", "kanne", "Stor skrift", "gata hjem"),
    "ase": ("Fjelltur", "Nordre bydel", "stubben", "base", "Asenteret"),
    "sofie": ("Sofisten", "Bygdøy", "alle sammen", "Fjell og hav"),
}
