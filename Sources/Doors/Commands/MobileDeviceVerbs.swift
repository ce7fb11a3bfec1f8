import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct MobileListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Help.text("List the devices of a person.", "Lister les appareils d'une personne."),
        discussion: Help.text(
            """
            One's own; those of somebody else for root and for who administers.

              cpsctl mobile list                             one's own
              cpsctl mobile list --person 899900063480
            """,
            """
            Les siens ; ceux d'autrui pour root et pour qui administre.

              cpsctl mobile list                             les siens
              cpsctl mobile list --person 899700245667
            """))

    @OptionGroup var global: GlobalOptions

    @Option(help: Help.argument("National identifier of the person.", "Identifiant national de la personne."))
    var person: ResourceID?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let answer = try tool.get("mobile", "devices", query: person.map { [("person", $0.text)] } ?? [])
        let language = tool.output.language
        try tool.output.show(answer) {
            let devices = answer["devices"]?.array ?? []
            guard !devices.isEmpty else { return [MobileSentence.none.in(language)] }
            let rows = devices.map { device in
                [
                    device.text("id"), device.text("name"), device.text("client"), device.text("first_seen"), device.text("last_used"),
                    MobileSentence.state(device).in(language),
                ]
            }
            return Table.lines([MobileSentence.columns.map { $0.in(language) }] + rows)
        }
        return .done
    }
}

struct MobileRevokeVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: Help.text(
            "End what a device does; it may be paired again.", "Mettre fin à ce que fait un appareil ; il peut être appairé de nouveau."),
        discussion: Help.text(
            """
              cpsctl mobile revoke DEVICE
              cpsctl mobile revoke --all      all of one's own
            """,
            """
              cpsctl mobile revoke APPAREIL
              cpsctl mobile revoke --all      tous les siens
            """))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Id of the device.", "Identifiant de l'appareil."))
    var device: ResourceID?

    @Flag(help: Help.argument("All of one's own devices.", "Tous ses appareils."))
    var all = false

    @OptionGroup var own: OwnSession

    func validate() throws {
        guard all != (device != nil) else { throw ValidationError("either the id of a device or --all is needed") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        if let device {
            _ = try tool.client.send(AgentRequest(.delete, ["mobile", "devices", device.text]))
            try tool.output.show(["revoked": .array([.string(device.text)])]) { [MobileSentence.revoked.in(tool.output.language)] }
            return .done
        }
        let body: JSON = ["session": .string(try tool.session(own.session))]
        let answer = try tool.client.send(AgentRequest(.post, ["mobile", "devices", "revocations"], body: .json(body))).json()
        try tool.output.show(answer) { [MobileSentence.revoked.in(tool.output.language)] }
        return .done
    }
}

struct MobileLostVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "lost",
        abstract: Help.text(
            "Say that a device is lost or stolen: its sessions end, and its key is refused ever after.",
            "Déclarer un appareil perdu ou volé : ses sessions finissent, et sa clé est refusée pour toujours."),
        discussion: Help.text(
            """
            Anybody who is logged in may say it of anybody's device: it only takes rights away. Without --device all of the person's are.

              cpsctl mobile lost                                  all of one's own
              cpsctl mobile lost --device DEVICE --note "left in the tram"
              cpsctl mobile lost --person 899900063480            a colleague who called
            """,
            """
            Toute personne connectée peut le dire de l'appareil de toute autre : cela ne fait qu'ôter des droits. Sans --device, tous.

              cpsctl mobile lost                                  tous les siens
              cpsctl mobile lost --device APPAREIL --note "oublié dans le tram"
              cpsctl mobile lost --person 899700245667            un collègue qui a appelé
            """))

    @OptionGroup var global: GlobalOptions

    @Option(help: Help.argument("Whose it is (national identifier); else one's own.", "À qui il est (identifiant national) ; sinon à soi."))
    var person: ResourceID?

    @Option(help: Help.argument("Id of the device; else all of them.", "Identifiant de l'appareil ; sinon tous."))
    var device: ResourceID?

    @Option(help: Help.argument("What there is to say, on one line.", "Précisions, sur une ligne."))
    var note: String?

    @OptionGroup var own: OwnSession

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let body = JSON.members([
            "session": .string(try tool.session(own.session)), "person": person.map { .string($0.text) },
            "device": device.map { .string($0.text) }, "note": note.map(JSON.string),
        ])
        let answer = try tool.client.send(AgentRequest(.post, ["mobile", "losses"], body: .json(body))).json()
        try tool.output.show(answer) {
            [MobileSentence.lost(answer.text("devices"), answer.text("sessions")).in(tool.output.language)]
        }
        return .done
    }
}
