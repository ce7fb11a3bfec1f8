import Primitives

/// What `doctor` says of the rest of the machine: authorities, log, disk, clock, PAM.
extension DoctorSentence {
    static let testWhy = Text(
        "Les autorités installées sont celles des cartes de test.", "The authorities that are installed are those of test cards.")
    static let warningWhy = Text("L'agent le signale lui-même.", "The agent itself says so.")

    static let reserveInUseWhy = Text(
        "Le disque du dossier d'état est plein ou en lecture seule ; sans trace, pas de connexion.",
        "The disk of the state folder is full or read-only; without a trace there is no login.")
    static let reserveMissingWhy = Text(
        "Le fichier n'a pu être fait, ou n'est pas configuré.", "The file could not be made, or is not configured.")
    static let reserveSharedWhy = Text(
        "Un disque en panne prendrait les deux.", "One disk that breaks would take both.")

    static func space(_ free: UInt64) -> Text {
        Text("\(free) Mio libres pour l'état de l'agent", "\(free) MiB free for the agent's state")
    }
    static let spaceWhy = Text(
        "Le disque est presque plein ; plein, plus personne ne se connecte, sauf bris de glace.",
        "The disk is almost full; once it is, nobody logs in but for an emergency.")
    static let spaceRemedy = Text(
        "Libérer de la place ; jamais en ôtant des fichiers de /var/lib/cps-agent.",
        "Free some space; never by removing files of /var/lib/cps-agent.")

    static let noAnchor = Text("rien hors de ce poste ne témoigne du journal", "nothing outside this machine vouches for the log")
    static let noAnchorWhy = Text(
        "Sans ancre, qui est root ici peut réécrire le journal sans que cela se voie.",
        "Without an anchor, who is root here can rewrite the log unseen.")
    static let noAnchorRemedy = Text(
        "Configurer audit.anchors : un dossier sur un autre disque, un serveur web, ou syslog.",
        "Configure audit.anchors: a folder on another disk, a web server, or syslog.")
    static func unanchored(_ since: String) -> Text {
        Text("aucune ancre n'a les traces écrites depuis le \(since)", "no anchor has the traces written since \(since)")
    }
    static func anchorFails(_ name: String, _ failure: String) -> Text {
        Text("l'ancre \(name) ne prend rien : \(Text.heard(failure).french)", "the anchor \(name) takes nothing: \(failure)")
    }
    static let unanchoredWhy = Text(
        "Ce qui n'est pas ancré peut être réécrit sans que cela se voie.", "What is not anchored can be rewritten unseen.")
    static let anchorRemedy = Text(
        "Vérifier le chemin vers l'ancre (montage, réseau, certificat) ; l'agent reprend de lui-même.",
        "See to the way to the anchor (mount, network, certificate); the agent goes on by itself.")
    static let anchored = Text("le journal est ancré hors de ce poste", "the log is anchored outside this machine")

    static let clockBehindWhy = Text(
        "Une horloge fausse fait refuser des cartes valables et dater les traces de travers.",
        "A wrong clock makes good cards refused, and traces carry wrong times.")
    static let clockSynchronized = Text("l'horloge est tenue à l'heure", "the clock is kept to the time")
    static let clockAlone = Text("l'horloge n'est réglée sur aucun serveur de temps", "the clock follows no time server")
    static let clockAloneWhy = Text(
        "Aucun programme (systemd-timesyncd, chrony) ne la tient à l'heure ; elle dérivera.",
        "No program (systemd-timesyncd, chrony) keeps it to the time; it will drift.")
    static let clockAloneRemedy = Text(
        "Activer la synchronisation, et vérifier que le serveur de temps est joignable.",
        "Turn synchronisation on, and see that the time server can be reached.")

    static func listenerGood(_ end: String) -> Text {
        Text("le certificat TLS pour les mobiles vaut jusqu'au \(end)", "the TLS certificate for devices is valid until \(end)")
    }
    static func listenerExpires(_ end: String) -> Text {
        Text("le certificat TLS pour les mobiles expire le \(end)", "the TLS certificate for devices expires on \(end)")
    }
    static let listenerExpiresWhy = Text(
        "Après cette date téléphones et serveurs refuseront l'agent.", "After that phones and servers will refuse the agent.")
    static func listenerExpired(_ end: String) -> Text {
        Text("le certificat TLS pour les mobiles a expiré le \(end)", "the TLS certificate for devices expired on \(end)")
    }
    static let listenerExpiredWhy = Text("Téléphones et serveurs refusent l'agent.", "Phones and servers refuse the agent.")
    static func listenerUnreadable(_ problem: String) -> Text {
        Text(problem).of(Text("le certificat TLS renouvelé est inutilisable", "the renewed TLS certificate cannot be used"))
    }
    static let listenerUnreadableWhy = Text(
        "Le précédent sert encore, jusqu'à sa fin.", "The one before still serves, until its end.")
    static let listenerRemedy = Text(
        "Renouveler mobile.certificate et mobile.key, lisibles par l'agent seul pour la clé ; il les relit de lui-même.",
        "Renew mobile.certificate and mobile.key, the key for the agent alone to read; it reads them again by itself.")

    static let pamUnused = Text("la carte n'ouvre pas de session Linux ici", "the card opens no Linux session here")
    static func pamGood(_ files: String) -> Text {
        Text("la carte ouvre des sessions Linux (\(files))", "the card opens Linux sessions (\(files))")
    }
    static func pamMissing(_ file: String) -> Text {
        Text("/etc/pam.d/\(file) nomme pam_cps.so, qui n'est pas là", "/etc/pam.d/\(file) names pam_cps.so, which is not there")
    }
    static let pamMissingWhy = Text(
        "PAM prend un module absent pour un refus : selon l'ordre, plus personne ne se connecte.",
        "PAM takes a missing module for a refusal: as the order is, nobody may get in.")
    static let pamMissingRemedy = Text(
        "Garder une session root ouverte ; réinstaller le paquet, ou ôter la ligne.",
        "Keep a root session open; install the package again, or remove the line.")
    static func pamDead(_ file: String) -> Text {
        Text("dans /etc/pam.d/\(file), pam_cps.so est après pam_deny.so", "in /etc/pam.d/\(file), pam_cps.so is after pam_deny.so")
    }
    static let pamDeadWhy = Text(
        "Le refus tombe avant que la carte soit regardée.", "The refusal falls before the card is looked at.")
    static func pamAfter(_ file: String) -> Text {
        Text("dans /etc/pam.d/\(file), pam_cps.so est après pam_unix.so", "in /etc/pam.d/\(file), pam_cps.so is after pam_unix.so")
    }
    static let pamAfterWhy = Text(
        "Le mot de passe est demandé d'abord ; la carte ne sert que s'il est faux.",
        "The password is asked for first; the card serves only when it is wrong.")
    static let pamOrderRemedy = Text(
        "Mettre la ligne de pam_cps.so avant, ou laisser pam-auth-update refaire l'ordre.",
        "Put the line of pam_cps.so before it, or let pam-auth-update make the order again.")
    static func pamLockOut(_ file: String) -> Text {
        Text(
            "dans /etc/pam.d/\(file), pam_cps.so est obligatoire et sans secours",
            "in /etc/pam.d/\(file), pam_cps.so is required, without a fallback")
    }
    static let pamLockOutWhy = Text(
        "Sans carte, ou quand l'agent est arrêté, personne ne se connecte : root non plus.",
        "Without a card, or while the agent is down, nobody gets in: not even root.")
    static let pamLockOutRemedy = Text(
        "Garder une session root ouverte ; choisir « sufficient », ou donner fallback=yes.",
        "Keep a root session open; choose `sufficient`, or give fallback=yes.")
    static let pamRemote = Text("sshd exige la carte (pam_cps.so)", "sshd requires the card (pam_cps.so)")
    static let pamRemoteWhy = Text(
        "Le module refuse toute connexion à distance : la carte est dans le lecteur de ce poste, pas devant qui se connecte.",
        "The module refuses every remote login: the card is in the reader of this machine, not before who logs in.")
    static let pamRemoteRemedy = Text(
        "Ôter pam_cps.so de ce qu'utilise sshd, ou le rendre « sufficient ».",
        "Take pam_cps.so out of what sshd uses, or make it `sufficient`.")
}
