// The product's mark, the same file as the tab's icon.
import icon from '../icon.svg';

export const logoIcon = icon;
