import Primitives

extension ErrorCatalogue {
    static let pin: [ErrorCode: ErrorEntry] = [
        .pinFormat: ErrorEntry(
            422, .pin, .now,
            title: Text("Le code ne peut pas être celui de cette carte", "This cannot be the PIN of this card"),
            remedy: Text(
                "Saisir le code porteur : des chiffres seulement. Aucun essai n'a été consommé.",
                "Enter the holder's PIN: digits only. No try was spent.")),
        .pinWrong: ErrorEntry(
            403, .pin, .now,
            title: Text("Code porteur faux", "Wrong PIN"),
            remedy: Text(
                "Saisir le bon code ; `tries_left` dit combien d'essais restent.",
                "Enter the right PIN; `tries_left` says how many tries are left.")),
        .pinBlocked: ErrorEntry(
            403, .pin, .never,
            title: Text("Code porteur bloqué", "PIN blocked"),
            remedy: Text(
                "Débloquer avec le code de déblocage (`cpsctl pin unblock`), ou demander une nouvelle carte.",
                "Unblock with the unblocking code (`cpsctl pin unblock`), or ask for a new card.")),
        .pinTriesChanged: ErrorEntry(
            409, .pin, .now,
            title: Text("Il reste moins d'essais qu'annoncé", "Fewer tries are left than was shown"),
            remedy: Text(
                "Vérifier le code et confirmer. Aucun essai n'a été consommé par cette demande.",
                "Check the PIN and confirm. This request spent no try.")),
        .lastTryConsentRequired: ErrorEntry(
            409, .pin, .now,
            title: Text("Dernier essai : confirmation nécessaire", "Last try: consent needed"),
            remedy: Text(
                "Confirmer avec `accept_last_try` et la valeur `last_try_consent` de cette réponse. Un code faux bloquera la carte.",
                "Confirm with `accept_last_try` and this answer's `last_try_consent`. A wrong PIN will block the card.")),
        .pinStateLost: ErrorEntry(
            409, .pin, .now,
            title: Text("Un autre programme a annulé la vérification du code", "Another program undid the PIN verification"),
            remedy: Text(
                "Fermer l'autre programme et recommencer. Aucun essai n'est perdu : le code était bon.",
                "Close the other program and try again. No try is lost: the PIN was right.")),
        .pinNewFormat: ErrorEntry(
            422, .pin, .now,
            title: Text("Le nouveau code ne peut pas être un code de cette carte", "The new PIN cannot be a PIN of this card"),
            remedy: Text(
                "Choisir un code avec autant de chiffres que la carte en demande. Aucun essai n'a été consommé.",
                "Choose as many digits as the card asks for. No try was spent.")),
        .pinNewRefused: ErrorEntry(
            409, .pin, .now,
            title: Text("La carte refuse le nouveau code", "The card refuses the new PIN"),
            remedy: Text(
                "Choisir un autre code ; l'ancien reste en vigueur. Lire les essais restants avant de recommencer.",
                "Choose another PIN; the old one still holds. Read the tries left before trying again.")),
        .pukFormat: ErrorEntry(
            422, .pin, .now,
            title: Text("Le code de déblocage ne peut pas être celui de cette carte", "This cannot be the unblocking code of this card"),
            remedy: Text(
                "Saisir le code de déblocage remis avec la carte : des chiffres seulement. Aucun essai n'a été consommé.",
                "Enter the unblocking code that came with the card: digits only. No try was spent.")),
        .pukWrong: ErrorEntry(
            403, .pin, .now,
            title: Text("Code de déblocage faux", "Wrong unblocking code"),
            remedy: Text(
                "Saisir le bon code de déblocage ; `tries_left` dit combien d'essais de ce code restent.",
                "Enter the right unblocking code; `tries_left` says how many tries of it are left.")),
        .pukBlocked: ErrorEntry(
            403, .pin, .never,
            title: Text("Code de déblocage bloqué", "Unblocking code blocked"),
            remedy: Text(
                "Cette carte ne peut plus être débloquée : demander une nouvelle carte.",
                "This card can no longer be unblocked: ask for a new card.")),
        .pukExhausted: ErrorEntry(
            403, .pin, .never,
            title: Text("Le code de déblocage a servi autant de fois que permis", "The unblocking code has been used as often as it may"),
            remedy: Text(
                "Cette carte ne peut plus être débloquée : demander une nouvelle carte.",
                "This card can no longer be unblocked: ask for a new card.")),
        .pukMissing: ErrorEntry(
            409, .pin, .never,
            title: Text("La carte n'annonce pas de code de déblocage", "The card names no unblocking code"),
            remedy: Text(
                "Faire débloquer la carte avec l'outil de gestion de l'ANS, ou la remplacer.",
                "Have the card unblocked with the ANS management tool, or replaced.")),
        .keypadUnavailable: ErrorEntry(
            409, .pin, .now,
            title: Text("Le code ne peut pas être saisi sur ce lecteur", "The PIN cannot be entered on this reader"),
            remedy: Text(
                "Saisir le code sur le poste. Aucun essai n'a été consommé.",
                "Enter the PIN on the computer. No try was spent.")),
        .keypadTimeout: ErrorEntry(
            409, .pin, .now,
            title: Text("Aucun code saisi à temps sur le lecteur", "No PIN was entered on the reader in time"),
            remedy: Text(
                "Recommencer et saisir le code sur le lecteur ; `tries_left` dit combien d'essais restent.",
                "Begin again and enter the PIN on the reader; `tries_left` says how many tries are left.")),
        .keypadCancelled: ErrorEntry(
            409, .pin, .now,
            title: Text("Saisie abandonnée sur le lecteur", "Entry given up on the reader"),
            remedy: Text(
                "Recommencer si besoin ; `tries_left` dit combien d'essais restent.",
                "Begin again if needed; `tries_left` says how many tries are left.")),
        .keypadMismatch: ErrorEntry(
            409, .pin, .now,
            title: Text("Les deux saisies diffèrent", "The two entries differ"),
            remedy: Text(
                "Recommencer et saisir deux fois le même code sur le lecteur.",
                "Begin again and enter the same PIN twice on the reader.")),
    ]
}
