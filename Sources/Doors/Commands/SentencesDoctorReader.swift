import Primitives

/// What `doctor` says of readers, drivers and cards.
extension DoctorSentence {
    static let pcscDownWhy = Text(
        "Le programme qui parle aux lecteurs (pcscd) n'écoute pas.", "The program that speaks to readers (pcscd) does not listen.")
    static let pcscSilentWhy = Text(
        "Le socket de pcscd est là, mais l'agent ne l'atteint pas.", "The socket of pcscd is there, but the agent does not reach it.")
    static let pcscRefusesWhy = Text(
        "pcscd a demandé à polkit, qui n'accorde pas les cartes à l'utilisateur de l'agent.",
        "pcscd asked polkit, which does not grant cards to the agent's user.")

    static let polkitRule = Text("polkit accorde les cartes à l'agent", "polkit grants cards to the agent")
    static let polkitNoRule = Text(
        "polkit n'a pas de règle pour l'utilisateur cps-agent", "polkit has no rule for the user cps-agent")
    static let polkitWhy = Text(
        "Ce pcscd n'ouvre les lecteurs qu'à qui est devant l'écran ; un service n'y est jamais.",
        "This pcscd opens readers only to who sits at the screen; a service never does.")
    static let polkitRemedy = Text(
        "Remettre la règle polkit du paquet, puis redémarrer polkit et pcscd.",
        "Put the package's polkit rule back, then restart polkit and pcscd.")
    static let polkitRefuses = Text(
        "polkit a une règle pour cps-agent, mais refuse", "polkit has a rule for cps-agent, but refuses")
    static let polkitRefusesRemedy = Text(
        "Redémarrer polkit ; vérifier qu'aucune règle lue avant ne refuse, et que l'agent est bien l'utilisateur cps-agent.",
        "Restart polkit; see that no rule that is read before refuses, and that the agent runs as the user cps-agent.")

    static func hidden(_ option: String) -> Text {
        Text("/proc est monté avec \(option)", "/proc is mounted with \(option)")
    }
    static let hiddenWhy = Text(
        "L'agent ne voit pas les programmes des autres : il ne peut nommer celui qui tient un lecteur, ni reconnaître un programme appelant.",
        "The agent does not see the programs of others: it cannot name who holds a reader, nor recognise a calling program.")
    static let hiddenRemedy = Text(
        "Monter /proc sans hidepid, aussi dans /etc/fstab ; ou avec gid= et un groupe dont l'agent est membre.",
        "Mount /proc without hidepid, in /etc/fstab too; or with gid= and a group that the agent is a member of.")

    static let noReaderWhy = Text(
        "Le service de cartes à puce ne voit aucun lecteur : aucun n'est branché, ou son câble ou son pilote fait défaut.",
        "The smart-card service sees no reader: none is plugged in, or its cable or its driver fails.")

    static func unseenReader(_ name: String) -> Text {
        Text("\(name) est branché, mais n'est pas un lecteur pour pcscd", "\(name) is plugged in, but pcscd has no reader of it")
    }
    static func kernelHolds(_ driver: String) -> Text {
        Text("Le pilote \(driver) du noyau le tient.", "The kernel's driver \(driver) holds it.")
    }
    static let kernelHoldsRemedy = Text(
        "Décharger ce pilote, l'interdire dans /etc/modprobe.d (blacklist), puis rebrancher le lecteur.",
        "Unload that driver, forbid it in /etc/modprobe.d (blacklist), then plug the reader in again.")
    static let noDriver = Text("Le pilote des lecteurs USB (libccid) manque.", "The driver of USB readers (libccid) is missing.")
    static let noDriverRemedy = Text(
        "L'installer, puis rebrancher le lecteur.", "Install it, then plug the reader in again.")
    static let unknownReader = Text(
        "Le pilote installé (libccid) ne connaît pas ce modèle.", "The installed driver (libccid) does not know this model.")
    static let unknownReaderRemedy = Text(
        "Mettre libccid à jour ; sinon installer le pilote du fabricant, ou prendre un autre lecteur.",
        "Update libccid; else install the maker's driver, or take another reader.")
    static let readerOverlooked = Text(
        "Son pilote est là : pcscd n'a pas vu son branchement, ou n'a pas pu l'ouvrir.",
        "Its driver is there: pcscd missed it being plugged in, or could not open it.")
    static let readerOverlookedRemedy = Text(
        "Rebrancher le lecteur, sinon redémarrer pcscd (les sessions par carte se terminent).",
        "Plug the reader in again, else restart pcscd (card sessions end).")

    static let muteWhy = Text(
        "La carte ne répond pas : mal insérée, puce sale, ou lecteur en panne.",
        "The card does not answer: badly inserted, dirty chip, or a broken reader.")
    static let foreignWhy = Text(
        "Ce n'est pas une carte CPS, ou son contenu ne se lit pas.", "This is no CPS card, or its content cannot be read.")
    static let heldWhy = Text(
        "Un autre programme l'a pour lui seul ; le système ne dit pas lequel.",
        "Another program has it for itself; the system does not say which.")
    static func heldBy(_ holder: String) -> Text {
        Text("Ces programmes utilisent des cartes : \(holder).", "These programs use cards: \(holder).")
    }
    static let heldByRemedy = Text(
        "Fermer ce programme ou attendre qu'il ait fini ; en dernier recours, l'arrêter.",
        "Close that program or wait until it is done; as a last resort, end it.")
    static let blockedWhy = Text(
        "Trop de codes faux ont été saisis.", "Too many wrong PINs were entered.")
    static let lastTryWhy = Text(
        "Les autres ont été perdus par des codes faux.", "The others were lost to wrong PINs.")
    static let certificateWhy = Text(
        "Une connexion avec cette carte serait refusée, avant que le code soit demandé.",
        "A login with this card would be refused, before its PIN is asked for.")
    static let notYetWhy = Text(
        "La carte est neuve et pas encore valable, ou l'horloge du poste retarde.",
        "The card is new and not valid yet, or the clock of this workstation is behind.")
    static let expiresSoonWhy = Text(
        "Après cette date la carte n'ouvrira plus de session.", "After that the card will open no session.")
}
