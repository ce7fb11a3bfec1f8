import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct AccountVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: Help.text(
            "People who may come in without their card: made and kept by référents.",
            "Les personnes qui peuvent entrer sans leur carte : créées et suivies par les référents."),
        discussion: Help.text(
            """
            Examples:

              cpsctl account add --help          make one, hand over its initial password
              cpsctl account confirm ID          another person, with their card, confirms what was made
              cpsctl account reset ID            another initial password
              cpsctl account disable ID          nobody gets in by it any more; what is open ends
              cpsctl account unlock --uid 1000   lift the lock of a user of this machine
            """,
            """
            Exemples :

              cpsctl account add --help          en créer un, remettre son mot de passe initial
              cpsctl account confirm ID          une autre personne, avec sa carte, confirme ce qui a été créé
              cpsctl account reset ID            un nouveau mot de passe initial
              cpsctl account disable ID          plus personne n'entre par ce compte ; ce qui est ouvert se ferme
              cpsctl account unlock --uid 1000   lever le blocage d'un utilisateur de ce poste
            """),
        subcommands: [
            Add.self, List.self, Show.self, Disable.self, Enable.self, Reset.self, Confirm.self, Unlock.self, AccountVouchVerb.self,
        ])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl account" }

    struct Add: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text(
                "Make an account; its initial password is printed once.",
                "Créer un compte ; son mot de passe initial est affiché une seule fois."),
            discussion: Help.text(
                "The initial password is valid for 72 hours, once a second person has confirmed it, and has to be changed at first use.",
                "Le mot de passe initial vaut 72 heures, une fois confirmé par une seconde personne, et doit être changé au premier usage.")
        )

        @OptionGroup var global: GlobalOptions

        @Argument(
            help: Help.argument(
                "RPPS number, national identifier, or `local:` and a name for who has none.",
                "Numéro RPPS, identifiant national, ou `local:` et un nom pour qui n'en a pas."))
        var person: String

        @Option(help: Help.argument("Family name of the person.", "Nom de famille de la personne."))
        var familyName: String

        @Option(help: Help.argument("Given name of the person.", "Prénom de la personne."))
        var givenName: String

        @Option(help: Help.argument("Code of the profession (table G15).", "Code de la profession (table G15)."))
        var profession: String?

        @Option(help: Help.argument("Identifier of the structure where they work.", "Identifiant de la structure où elle exerce."))
        var structure: String?

        @OptionGroup var own: OwnSession

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            let body = JSON.members([
                "session": .string(try tool.session(own.session)), "national_id": .string(person), "family_name": .string(familyName),
                "given_name": .string(givenName), "profession": profession.map(JSON.string), "structure_id": structure.map(JSON.string),
            ])
            return try tool.handOver(try tool.client.send(AgentRequest(.post, ["accounts"], body: .json(body))).json())
        }
    }

    struct List: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text("List the accounts.", "Lister les comptes."))

        @OptionGroup var global: GlobalOptions

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            var accounts: [JSON] = []
            var next: String?
            repeat {
                let page = try tool.get("accounts", query: next.map { [("after", $0)] } ?? [])
                accounts += page["accounts"]?.array ?? []
                next = page["next"]?.string
            } while next != nil
            try tool.output.show(["accounts": .array(accounts)]) {
                guard !accounts.isEmpty else { return [AccountSentence.none.in(tool.output.language)] }
                return Table.lines(
                    accounts.map { account in
                        [
                            account.text("id"), account.words("state", tool.output.language, AccountSentence.state),
                            account.text("national_id"), account.holderText,
                        ]
                    })
            }
            return .done
        }
    }

    struct Show: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text(
                "Show an account: whose it is, who made it, who confirmed it.",
                "Montrer un compte : à qui il est, qui l'a créé, qui l'a confirmé."))

        @OptionGroup var global: GlobalOptions
        @OptionGroup var account: AccountArgument

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            try tool.show(account: try tool.get("accounts", account.id.text))
        }
    }

    struct Disable: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text(
                "Close an account; what its person has open without their card ends.",
                "Fermer un compte ; ce que sa personne a ouvert sans sa carte se termine."))

        @OptionGroup var global: GlobalOptions
        @OptionGroup var account: AccountArgument
        @OptionGroup var own: OwnSession

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            try tool.show(account: try tool.change(.put, account.id, "disabled", in: own))
        }
    }

    struct Enable: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text("Open an account again.", "Rouvrir un compte."))

        @OptionGroup var global: GlobalOptions
        @OptionGroup var account: AccountArgument
        @OptionGroup var own: OwnSession

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            try tool.show(account: try tool.change(.put, account.id, "enabled", in: own))
        }
    }

    struct Reset: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text(
                "Give an account another initial password, printed once.",
                "Donner à un compte un nouveau mot de passe initial, affiché une seule fois."),
            discussion: Help.text(
                "Until a second person has confirmed it the password before it fits.",
                "Tant qu'une seconde personne ne l'a pas confirmé, c'est l'ancien mot de passe qui vaut."))

        @OptionGroup var global: GlobalOptions
        @OptionGroup var account: AccountArgument
        @OptionGroup var own: OwnSession

        func run(_ tool: Tool) throws(Problem) -> ExitStatus { try tool.handOver(try tool.change(.post, account.id, "resets", in: own)) }
    }

    struct Confirm: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text(
                "Confirm, as a second person with one's card, what a référent has made.",
                "Confirmer, en seconde personne et avec sa carte, ce qu'un référent a fait."))

        @OptionGroup var global: GlobalOptions
        @OptionGroup var account: AccountArgument
        @OptionGroup var own: OwnSession

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            try tool.show(account: try tool.change(.post, account.id, "confirmations", in: own))
        }
    }

    struct Unlock: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text(
                "Lift the waits after wrong passwords: of an account, or of a user of this machine.",
                "Lever l'attente après des mots de passe faux : d'un compte, ou d'un utilisateur de ce poste."))

        @OptionGroup var global: GlobalOptions

        @Argument(help: Help.argument("Id of the account.", "Identifiant du compte."))
        var id: ResourceID?

        @Option(help: Help.argument("Number of the user of this machine.", "Numéro de l'utilisateur de ce poste."))
        var uid: UInt32?

        @OptionGroup var own: OwnSession

        func validate() throws {
            guard (id == nil) != (uid == nil) else { throw ValidationError("either an account or --uid is needed") }
        }

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            if let id { return try tool.show(account: try tool.change(.post, id, "unlocks", in: own)) }
            let body = JSON.members(["session": .string(try tool.session(own.session)), "uid": uid.map { .int(Int64($0)) }])
            _ = try tool.client.send(AgentRequest(.post, ["degraded", "unlocks"], body: .json(body)))
            try tool.output.show(["uid": body["uid"] ?? .null]) { [AccountSentence.unlocked.in(tool.output.language)] }
            return .done
        }
    }
}

struct AccountArgument: ParsableArguments {
    @Argument(help: Help.argument("Id of the account.", "Identifiant du compte."))
    var id: ResourceID
}

/// The session in which somebody does something as themself.
struct OwnSession: ParsableArguments {
    @Option(help: Help.argument("Id of one's session; else the only one.", "Identifiant de sa session ; sinon la seule."))
    var session: ResourceID?
}

extension Tool {
    fileprivate func change(_ method: AgentRequest.Method, _ id: ResourceID, _ what: String, in own: OwnSession) throws(Problem) -> JSON {
        let body: JSON = ["session": .string(try session(own.session))]
        return try client.send(AgentRequest(method, ["accounts", id.text, what], body: .json(body))).json()
    }

    func show(account: JSON) throws(Problem) -> ExitStatus {
        try output.show(account) { account.accountLines(output.language) }
        return .done
    }

    /// Shows an account with the initial password that its answer alone holds.
    fileprivate func handOver(_ account: JSON) throws(Problem) -> ExitStatus {
        try output.show(account) {
            let language = output.language
            let awaits = account["pending"] != .null ? [AccountSentence.toConfirm(account.text("id")).in(language)] : []
            return account.accountLines(language)
                + [
                    "", AccountSentence.initial.in(language), "", "    \(account.text("initial_password"))", "",
                    AccountSentence.firstUse.in(language),
                ]
                + awaits
        }
        return .done
    }
}

extension JSON {
    /// An account, one fact a line.
    func accountLines(_ language: Language) -> [String] {
        var rows = [
            [AccountSentence.account.in(language), text("id")],
            [Sentence.state.in(language), words("state", language, AccountSentence.state)],
            [Sentence.holder.in(language), "\(holderText), \(text("national_id"))"],
        ]
        for (name, title) in [("way_in", AccountSentence.wayIn), ("pending", AccountSentence.pending)] {
            guard let way = self[name], way != .null else { continue }
            rows.append([title.in(language), AccountSentence.made(way.text("made_at"), way["made_by"]?.text("name") ?? "-").in(language)])
            if let confirmed = way["confirmed_by"], confirmed != .null {
                rows.append(["", AccountSentence.confirmed(confirmed.text("name")).in(language)])
            }
            if way["solo"]?.bool == true { rows.append(["", AccountSentence.solo.in(language)]) }
            if way["initial"]?.bool == true { rows.append(["", AccountSentence.initialUntil(way.text("initial_until")).in(language)]) }
        }
        return Table.lines(rows)
    }
}
