/** Steps that the tours of the addon share. */
import { stepUtils } from "@web_tour/tour_utils";

/** Open an app and an item of its menu. */
export function openMenu(app, section, item) {
    const steps = [
        ...stepUtils.goToAppSteps(app, "Open the app"),
        {
            content: "Open the menu",
            trigger: `.o_menu_sections [data-menu-xmlid="${section}"]`,
            run: "click",
        },
    ];
    if (item) {
        steps.push({
            content: "Choose in the menu",
            trigger: `.o-dropdown--menu [data-menu-xmlid="${item}"]`,
            run: "click",
        });
    }
    return steps;
}

/** Open an item of Invoicing > Credit. */
export function openCreditMenu(item) {
    return openMenu(
        "account.menu_finance",
        "account_credit_block.credit_menu_root",
        `account_credit_block.${item}`
    );
}

/** Fail where a page can be moved sideways: on a phone nobody looks there. */
export function checkNothingSticksOut() {
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > window.innerWidth) {
        throw new Error(`The page is ${scrollWidth} px wide, of ${window.innerWidth}`);
    }
}
