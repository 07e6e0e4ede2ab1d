// Shows a page anew whenever what it follows has changed. Without this script the page is complete, and stays as it is.
"use strict";
{
    const events = new EventSource(document.querySelector("main").dataset.follow);
    let shown = Promise.resolve();

    const show = async () => {
        const answer = await fetch(location.href);
        if (!answer.ok)
            return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
        document.querySelector("main").replaceChildren(...page.childNodes);
        // What has ended says no more; connecting again would only tell so again.
        if (!page.dataset.follow)
            events.close();
    };

    events.addEventListener("state", () => shown = shown.then(show).catch(console.error));
}
