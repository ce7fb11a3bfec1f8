import Primitives

extension ErrorCatalogue {
    static let card: [ErrorCode: ErrorEntry] = [
        .pcscUnavailable: ErrorEntry(
            503, .noCard, .later,
            title: Text("Le service de cartes à puce ne répond pas", "The smart-card service does not answer"),
            remedy: Text(
                "Démarrer pcscd (`systemctl start pcscd.socket`), puis recommencer.",
                "Start pcscd (`systemctl start pcscd.socket`), then try again.")),
        .pcscNotAuthorised: ErrorEntry(
            503, .noCard, .never,
            title: Text("Le service de cartes à puce refuse l'agent", "The smart-card service refuses the agent"),
            remedy: Text(
                "Installer la règle polkit livrée avec l'agent.",
                "Install the polkit rule that comes with the agent.")),
        .readerNotFound: ErrorEntry(
            404, .noCard, .never,
            title: Text("Lecteur inconnu", "Unknown reader"),
            remedy: Text(
                "Choisir un lecteur de `cpsctl readers`.",
                "Choose a reader that `cpsctl readers` lists.")),
        .readerNotAllowed: ErrorEntry(
            403, .refused, .never,
            title: Text("Ce lecteur virtuel ou distant n'est pas admis", "This virtual or network reader is not allowed"),
            remedy: Text(
                "Utiliser un lecteur branché sur ce poste, ou nommer celui-ci dans `readers.allow`.",
                "Use a reader plugged into this workstation, or name this one in `readers.allow`.")),
        .noReader: ErrorEntry(
            409, .noCard, .later,
            title: Text("Aucun lecteur de carte", "No card reader"),
            remedy: Text(
                "Brancher un lecteur.",
                "Plug in a reader.")),
        .cardAbsent: ErrorEntry(
            409, .noCard, .now,
            title: Text("Pas de carte dans le lecteur", "No card in the reader"),
            remedy: Text(
                "Insérer la carte CPS.",
                "Insert the CPS card.")),
        .cardRemoved: ErrorEntry(
            409, .noCard, .now,
            title: Text("La carte a été retirée", "The card was removed"),
            remedy: Text(
                "Insérer la carte et recommencer ; le code sera redemandé.",
                "Insert the card and start again; the PIN will be asked again.")),
        .cardChanged: ErrorEntry(
            409, .noCard, .now,
            title: Text("Ce n'est plus la même carte", "This is another card than before"),
            remedy: Text(
                "Recommencer avec la carte qui est maintenant dans le lecteur.",
                "Start again with the card that is now in the reader.")),
        .cardMute: ErrorEntry(
            409, .noCard, .now,
            title: Text("La carte ne répond pas", "The card does not answer"),
            remedy: Text(
                "Vérifier le sens de la carte, essuyer la puce, réinsérer.",
                "Check which way round the card is, wipe the chip, insert it again.")),
        .cardForeign: ErrorEntry(
            409, .noCard, .never,
            title: Text("Ce n'est pas une carte CPS", "This is not a CPS card"),
            remedy: Text(
                "Insérer une carte de professionnel de santé.",
                "Insert a health professional's card.")),
        .cardContactless: ErrorEntry(
            409, .noCard, .never,
            title: Text("Le sans contact ne permet pas d'ouvrir une session", "Contactless cannot open a session"),
            remedy: Text(
                "Insérer la carte dans un lecteur à contact.",
                "Insert the card into a contact reader.")),
        .cardBusy: ErrorEntry(
            409, .noCard, .later,
            title: Text("La carte est utilisée par un autre programme", "Another program is using the card"),
            remedy: Text(
                "Attendre la fin de l'autre opération ou fermer ce programme.",
                "Wait for the other operation to end, or close that program.")),
        .cardReset: ErrorEntry(
            409, .noCard, .now,
            title: Text("Un autre programme a réinitialisé la carte", "Another program reset the card"),
            remedy: Text(
                "Recommencer.",
                "Try again.")),
        .cardUnproven: ErrorEntry(
            409, .noCard, .never,
            title: Text("La carte n'a pas prouvé qu'elle est authentique", "The card did not prove that it is genuine"),
            remedy: Text(
                "Présenter la carte à nouveau ; si cela persiste, la considérer comme une copie et la signaler.",
                "Present the card again; if it stays so, take it for a copy and report it.")),
        .cardDamaged: ErrorEntry(
            409, .noCard, .never,
            title: Text("Le contenu de la carte est illisible", "The card's content cannot be read"),
            remedy: Text(
                "Essayer un autre lecteur ; si cela persiste, faire remplacer la carte.",
                "Try another reader; if it stays so, have the card replaced.")),
        .cardAnswerEndless: ErrorEntry(
            409, .noCard, .now,
            title: Text("La réponse de la carte n'a pas de fin", "The card's answer has no end"),
            remedy: Text(
                "Réinsérer la carte ; si cela persiste, essayer un autre lecteur ou faire remplacer la carte.",
                "Insert the card again; if it stays so, try another reader or have the card replaced.")),
        .cardAnswerMalformed: ErrorEntry(
            409, .noCard, .now,
            title: Text("La réponse n'est pas celle d'une carte", "What came back is no answer of a card"),
            remedy: Text(
                "Réinsérer la carte ; si cela persiste, essayer un autre lecteur ou faire remplacer la carte.",
                "Insert the card again; if it stays so, try another reader or have the card replaced.")),
        .cardUpdateInterrupted: ErrorEntry(
            409, .noCard, .never,
            title: Text("Une mise à jour de la carte a été interrompue", "An update of the card was interrupted"),
            remedy: Text(
                "Refaire la mise à jour avec l'outil de gestion de l'ANS.",
                "Run the update again with the ANS management tool.")),
        .cardTimeout: ErrorEntry(
            504, .noCard, .now,
            title: Text("La carte a mis trop de temps à répondre", "The card took too long to answer"),
            remedy: Text(
                "Réinsérer la carte et recommencer.",
                "Insert the card again and try again.")),
        .cardFailed: ErrorEntry(
            409, .other, .now,
            title: Text("La carte a refusé une commande", "The card refused a command"),
            remedy: Text(
                "Réinsérer la carte ; `detail` nomme l'étape et le mot d'état.",
                "Insert the card again; `detail` names the step and the status word.")),
    ]
}
