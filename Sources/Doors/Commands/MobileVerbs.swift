import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct MobileVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "mobile",
        abstract: Help.text(
            "Phones and tablets: let them in, see them, put them out.", "Téléphones et tablettes : les faire entrer, les voir, les retirer."
        ),
        discussion: Help.text(
            """
            Examples:

              cpsctl mobile pair                 show a code for one's own device to read
              cpsctl mobile approve WDJB-MJHT    let in the device in one's hand that shows this code
              cpsctl mobile list                 one's own
              cpsctl mobile revoke DEVICE        end what it does, now
              cpsctl mobile lost --person 899900063480    anybody may say that a colleague's phone is gone
            """,
            """
            Exemples :

              cpsctl mobile pair                 montrer un code, à lire avec son propre appareil
              cpsctl mobile approve BCDF-GHJK    faire entrer l'appareil en main qui montre ce code
              cpsctl mobile list                 les siens
              cpsctl mobile revoke APPAREIL      mettre fin à ce qu'il fait, maintenant
              cpsctl mobile lost --person 899900063480    chacun peut dire que le téléphone d'un collègue a disparu
            """),
        subcommands: [
            MobilePairVerb.self, MobileConfirmVerb.self, MobileApproveVerb.self, MobileDenyVerb.self, MobileListVerb.self,
            MobileRevokeVerb.self, MobileLostVerb.self,
        ])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl mobile" }
}

/// What a device is let in for.
struct DeviceOptions: ParsableArguments {
    @Option(
        help: Help.argument(
            "How long its session may last, in minutes; else as the establishment set it.",
            "Durée de sa session, en minutes ; sinon celle que l'établissement a fixée."))
    var minutes: Int64?

    @OptionGroup var own: OwnSession

    func validate() throws {
        guard minutes.map({ (1...720).contains($0) }) ?? true else { throw ValidationError("--minutes is 1 to 720") }
    }
}
