import ArgumentParser

/// The whole command line: global options and verbs.
struct CPSCtl: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "cpsctl",
        abstract: Help.text("Speak to the CPS Agent of this workstation.", "Parler à l'agent CPS de ce poste."),
        discussion: Help.text(
            """
            Examples:

              cpsctl doctor                                      what is wrong here, and what to do about it
              cpsctl login --audience https://records.example    log in with the card, get a token
              cpsctl session lock                                leave the seat, keep the session
              cpsctl pin change                                  the old PIN, then the new one twice
              cpsctl sign letter.pdf                             sign a document with the card
              cpsctl --json token --audience https://records.example

            Exit codes: 0 done; 1 refused; 2 usage; 3 agent unreachable; 4 no reader or no card; 5 PIN wrong or blocked; \
            6 certificate not trusted; 7 audit verification failed; 8 other error.
            """,
            """
            Exemples :

              cpsctl doctor                                      ce qui ne va pas ici, et que faire
              cpsctl login --audience https://records.example    se connecter avec la carte, obtenir un jeton
              cpsctl session lock                                quitter le poste, garder la session
              cpsctl pin change                                  l'ancien code, puis le nouveau deux fois
              cpsctl sign lettre.pdf                             signer un document avec la carte
              cpsctl --json token --audience https://dossiers.example

            Codes de sortie : 0 fait ; 1 refusé ; 2 usage ; 3 agent injoignable ; 4 pas de lecteur ou pas de carte ; 5 code faux ou \
            bloqué ; 6 certificat non accepté ; 7 vérification du journal en échec ; 8 autre erreur.
            """),
        subcommands: [
            StatusVerb.self, ReadersVerb.self, CardVerb.self, WatchVerb.self, LoginVerb.self, LogoutVerb.self, SessionVerbs.self,
            PINVerbs.self, DegradedVerbs.self, AccountVerbs.self, TokenVerb.self, SignVerb.self, IntrospectVerb.self, AuditVerbs.self,
            TrustVerbs.self, HabilitationVerbs.self,
            DirectoryVerbs.self, BreakGlassVerbs.self, MobileVerbs.self,
            DoctorVerb.self, CompletionsVerb.self, SessionLockVerb.self,
        ])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl" }
}
