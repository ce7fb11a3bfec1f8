import Primitives

/// What `doctor` says of the agent as a service, and of its socket.
extension DoctorSentence {
    static let standsInTheWay = Text("Aucune connexion n'est possible tant que cela dure.", "No login is possible while this lasts.")

    static func running(_ command: String) -> Text { Text("Exécute : \(command)", "Running: \(command)") }
    static func ran(_ command: String, _ isDone: Bool) -> Text {
        isDone ? Text("FAIT  \(command)", "DONE  \(command)") : Text("ÉCHEC  \(command)", "FAILED  \(command)")
    }
    static func written(_ path: String) -> Text { Text("Écrit : \(path)", "Written: \(path)") }

    static func stranger(_ uid: UInt32) -> Text {
        Text(
            "Un autre programme (utilisateur \(uid)) tient la place de l'agent ; rien ne lui a été envoyé.",
            "Another program (user \(uid)) sits in the agent's place; nothing was sent to it.")
    }
    static let strangerRemedy = Text(
        "Trouver ce programme, l'arrêter, prévenir le responsable de la sécurité, puis redémarrer l'agent.",
        "Find that program, end it, tell the security officer, then start the agent again.")

    static let socketMissing = Text(
        "Le socket n'existe pas : l'agent n'a pas démarré, ou il écoute ailleurs.",
        "The socket is not there: the agent was not started, or it listens elsewhere.")
    static let socketMissingRemedy = Text(
        "Démarrer le service ; s'il écoute ailleurs, donner le chemin par --socket.",
        "Start the service; if it listens elsewhere, give the path with --socket.")
    static let socketHidden = Text(
        "Le dossier du socket n'est pas ouvert à cet utilisateur.", "The folder of the socket is closed to this user.")
    static func socketHiddenRemedy(_ user: String) -> Text {
        Text(
            "Demander à l'administrateur d'ouvrir ce dossier à \(user), ou recommencer avec sudo.",
            "Ask the administrator to open this folder to \(user), or try again with sudo.")
    }
    static let noSocket = Text("À ce chemin se trouve autre chose qu'un socket.", "Something else than a socket lies at this path.")
    static let noSocketRemedy = Text(
        "L'ôter, puis redémarrer l'agent ; ou donner le bon chemin par --socket.",
        "Remove it, then start the agent again; or give the right path with --socket.")
    static func noRight(_ user: String, _ group: String) -> Text {
        Text(
            "Les droits du socket excluent \(user) ; ils admettent le groupe \(group).",
            "The rights of the socket leave \(user) out; they let the group \(group) in.")
    }
    static let noRightRemedy = Text(
        "Mettre cet utilisateur dans le groupe, puis rouvrir sa session Linux.",
        "Put this user into the group, then log in to Linux again.")
    static let nobodyAnswers = Text(
        "Le socket est là, mais personne n'y répond : l'agent s'est arrêté ou ne réagit plus.",
        "The socket is there, but nobody answers on it: the agent has stopped, or hangs.")
    static let nobodyAnswersRemedy = Text("Redémarrer le service.", "Start the service again.")

    static func folderOpen(_ folder: String) -> Text {
        Text("d'autres que l'agent peuvent écrire dans \(folder)", "others than the agent may write to \(folder)")
    }
    static let folderOpenWhy = Text(
        "Un programme pourrait y mettre son propre socket à la place de celui de l'agent.",
        "A program could put a socket of its own there in the agent's place.")
    static let folderOpenRemedy = Text("Fermer ce dossier aux autres.", "Close this folder to others.")
    static let socketOpen = Text("tout programme de ce poste peut parler à l'agent", "every program of this machine may speak to the agent")
    static let socketOpenWhy = Text(
        "Le socket est ouvert à tous (agent.socket_mode) ; seule la section clients de la configuration trie les programmes.",
        "The socket is open to all (agent.socket_mode); only the clients section of the configuration tells programs apart.")
    static let socketOpenRemedy = Text(
        "Mettre agent.socket_mode à 0660 et agent.socket_group au groupe des utilisateurs de la carte.",
        "Set agent.socket_mode to 0660 and agent.socket_group to the group of the users of the card.")

    static let unitMissing = Text("le service cps-agent n'est pas installé", "the service cps-agent is not installed")
    static let unitMissingWhy = Text("systemd ne connaît pas cette unité.", "systemd does not know this unit.")
    static let unitMissingRemedy = Text("Installer le paquet.", "Install the package.")
    static let unitFailed = Text("le service cps-agent a échoué", "the service cps-agent has failed")
    static let unitFailedWhy = Text(
        "systemd ne le relance plus ; `journalctl -u cps-agent -n 30` dit pourquoi il s'est arrêté.",
        "systemd no longer starts it; `journalctl -u cps-agent -n 30` says why it ended.")
    static let unitFailedRemedy = Text(
        "Réparer ce que dit son journal, puis le redémarrer.", "Repair what its log says, then start it again.")
    static let unitMisconfigured = Text(
        "Sa configuration, ou un fichier qu'elle nomme, est en faute ; systemd ne le relance pas pour cela.",
        "Its configuration, or a file that it names, is at fault; systemd does not start it again for that.")
    static let unitMisconfiguredRemedy = Text(
        "Corriger ce que dit cette commande, puis redémarrer le service.", "Correct what this command says, then start the service again.")
    static let unitSealed = Text(
        "systemd ne peut pas remettre ses secrets au service cps-agent", "systemd cannot hand the service cps-agent its secrets")
    static let unitSealedWhy = Text(
        "Un secret scellé ne s'ouvre plus : le TPM a été vidé, ou la carte mère remplacée (243/CREDENTIALS).",
        "A sealed secret no longer opens: the TPM was cleared, or the main board replaced (243/CREDENTIALS).")
    static let unitSealedRemedy = Text(
        "Remettre la copie du sceau, ou faire de nouvelles clés : la page du manuel dit les deux.",
        "Put the copy of the seal back, or have new keys made: the manual page tells both.")
    static let unitMasked = Text("le service cps-agent est masqué", "the service cps-agent is masked")
    static let unitMaskedWhy = Text("Quelqu'un a interdit son démarrage.", "Somebody has forbidden its start.")
    static let unitMaskedRemedy = Text("Lever l'interdiction, si elle n'est pas voulue.", "Lift that, unless it is meant.")
    static let unitDisabled = Text(
        "le service cps-agent ne démarre pas avec la machine", "the service cps-agent does not start with the machine")
    static let unitDisabledWhy = Text(
        "Il n'est pas activé : après un redémarrage, plus de connexion par carte.",
        "It is not enabled: after a restart nobody logs in by card.")
    static let unitDisabledRemedy = Text("L'activer.", "Enable it.")

    static let pcscMissing = Text("le service de cartes à puce n'est pas installé", "the smart-card service is not installed")
    static let pcscMissingWhy = Text(
        "L'agent n'atteint les lecteurs que par lui (pcscd).", "The agent reaches readers through it alone (pcscd).")
    static let pcscMissingRemedy = Text("Installer pcscd et son pilote.", "Install pcscd and its driver.")
    static let pcscStopped = Text("pcscd.socket n'est pas démarré", "pcscd.socket is not started")
    static let pcscStoppedRemedy = Text("L'activer.", "Enable it.")
}
